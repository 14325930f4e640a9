import Journal
import OrderFlow
import RuleEngine
import Wire

/// What the journal keeps of one change of the rule set: a part of a transaction.
struct ReloadEntry {
  var outcome: ReloadOutcome
  /// The last event before it.
  var seq: Int64
  /// Event time, ms; the wall's before the first order.
  var time: Int64
  /// Wall clock, ms.
  var createdAt: Int64
  /// Ids of the rules that run from here on; nil when nothing changed.
  var running: [String]?
  /// State of rules that begin or end here.
  var states: [(rule: String, version: String, saved: SavedRule)] = []
  /// The files of the new version.
  var files: [KeptFile] = []

  /// How long the state of a rule that was removed is kept, ms.
  static let removedStateLife: Int64 = 24 * 3_600_000
  /// How many refused versions are remembered.
  static let keptRejections = 200
  /// How many versions keep their files.
  static let keptVersions = 20

  /// The rule whose signals these are; `betterbot/` is no name that a rule's file can have.
  static let rule = "betterbot/reload"

  /// The signal that says so.
  var signal: Signal {
    let event = "\(outcome.kind.rawValue) \(outcome.version) \(createdAt)"
    var signal = Signal(
      id: Identity.ofSignal(rule: ReloadEntry.rule, event: event, ordinal: 0), rule: ReloadEntry.rule,
      version: outcome.isDone ? outcome.version : outcome.previous, seq: seq, time: time,
      severity: outcome.kind == .running || outcome.kind == .rolledBack ? .info : .high, title: title)
    signal.key = outcome.version
    signal.data = data
    return signal
  }

  private var title: String {
    var text = TerminalText.line(outcome.text)
    while text.utf8.count > 1000 { text.removeLast(max(1, text.count / 8)) }
    return text
  }

  private var data: String {
    var out: [UInt8] = []
    func field(_ key: String, _ value: String) {
      out.append(contentsOf: (out.isEmpty ? "{" : ",").utf8)
      JSONText.quote(key, to: &out)
      out.append(UInt8(ascii: ":"))
      JSONText.quote(value, to: &out)
    }
    field("outcome", outcome.kind.rawValue)
    field("previous", outcome.previous)
    if let problem = outcome.problems.first {
      field("file", problem.file)
      field("line", "\(problem.line)")
    }
    field("version", outcome.version)
    return String(decoding: out, as: UTF8.self) + "}"
  }

  /// Writes all of it.
  func write(to journal: Journal) throws(JournalError) {
    try journal.append(
      reload: ReloadRecord(
        version: outcome.version, previous: outcome.previous.isEmpty ? nil : outcome.previous, seq: seq,
        createdMilliseconds: createdAt, outcome: outcome.kind.rawValue, reason: outcome.why))
    if !outcome.version.isEmpty {
      try journal.recordVersion(
        VersionRecord(
          version: outcome.version, firstSeq: seq + 1, createdMilliseconds: createdAt,
          outcome: outcome.isDone ? "running" : "rejected", ruleCount: Int64(outcome.ruleCount),
          reason: outcome.why))
    }
    guard let running else {
      try journal.dropRejectedVersions(keeping: ReloadEntry.keptRejections)
      return
    }
    for state in states { try journal.saveState(rule: state.rule, version: state.version, state.saved) }
    try journal.markRemoved(except: running, wallMilliseconds: createdAt)
    try journal.dropRemoved(before: createdAt - ReloadEntry.removedStateLife)
    try journal.keepFiles(version: outcome.version, files: files)
    try journal.dropFiles(keeping: try journal.versionsRun(newest: ReloadEntry.keptVersions))
    if let disk = outcome.disk { try journal.setMeta(RollbackTarget.diskKey, disk) }
  }
}
