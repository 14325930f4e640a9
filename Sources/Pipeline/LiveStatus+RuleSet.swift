import RuleEngine

extension LiveStatus {
  /// How the rule set that runs stands to the folder, and what became of the last attempt to change it.
  var ruleSetLines: [String] {
    var lines: [String] = []
    if let disk = reload.diskVersion {
      let isSame = disk == version
      lines.append(
        isSame ? "the rules folder holds what runs" : "the rules folder holds \(disk), which does not run")
    }
    if reload.isHeld { lines.append("changes wait until .hold is removed from the rules folder") }
    if let rejection = reload.rejection {
      let name = rejection.version.isEmpty ? "what it held" : rejection.version
      lines.append("not taken: \(name)")
      lines += rejection.problems.map { "  " + TerminalText.line($0) }
    }
    if !lastReload.isEmpty { lines.append("last reload: \(TerminalText.line(lastReload))") }
    return lines
  }

  /// The same for programs: members of the status object.
  var ruleSetJSON: String {
    var out: [UInt8] = []
    func raw(_ text: String) { out.append(contentsOf: text.utf8) }
    raw(",\"disk\":{\"version\":")
    LiveStatus.field("", reload.diskVersion, &out)
    raw(",\"equal\":\(reload.diskVersion == version),\"held\":\(reload.isHeld)}")
    raw(",\"reloads\":{\"swapped\":\(reload.swaps),\"rejected\":\(reload.rejections)")
    raw(",\"rolled_back\":\(reload.rollbacks),\"last_pause_us\":\(reload.pause / 1000)")
    raw(",\"last_ms\":\(reload.duration / 1_000_000)}")
    guard let rejection = reload.rejection else {
      raw(",\"rejection\":null")
      return String(decoding: out, as: UTF8.self)
    }
    LiveStatus.field(",\"rejection\":{\"version\":", rejection.version, &out)
    for (place, problem) in rejection.problems.enumerated() {
      LiveStatus.field(place == 0 ? ",\"problems\":[" : ",", problem, &out)
    }
    raw("]}")
    return String(decoding: out, as: UTF8.self)
  }
}
