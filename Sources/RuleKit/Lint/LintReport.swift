import Documents
/// Collects findings, leaves out those that a comment allows, and sorts the others.
struct LintReport {
  /// Findings kept of one file. Errors are looked for first.
  static let limit = 200

  let file: String
  let chunk: LuaChunk
  private var findings: [LintFinding] = []
  /// Names allowed on a line.
  private var allowed: [Int: Set<String>] = [:]

  init(file: String, chunk: LuaChunk) {
    self.file = file
    self.chunk = chunk
    for comment in chunk.comments { readAllowance(comment) }
  }

  mutating func add(_ check: LintCheck, at range: Range<Int>, line: Int, _ message: @autoclosure () -> String)
  {
    guard findings.count < LintReport.limit, allowed[line]?.contains(check.rawValue) != true else { return }
    findings.append(
      LintFinding(
        check: check, file: file, line: line, column: chunk.column(of: range.lowerBound), message: message()))
  }

  mutating func add(_ check: LintCheck, at expression: LuaExpression.ID, _ message: @autoclosure () -> String)
  {
    add(check, at: chunk[expression].range, line: chunk[expression].line, message())
  }

  /// The findings by place.
  func finish() -> [LintFinding] {
    findings.sorted { ($0.line, $0.column, $0.name) < ($1.line, $1.column, $1.name) }
  }

  /// `-- betterbot: allow NAME, NAME and a reason`: for its line, and for the next when it stands alone.
  private mutating func readAllowance(_ comment: LuaComment) {
    let text = chunk.text(comment.range).drop { "-[= \t".contains($0) }
    guard let start = text.firstRange(of: "betterbot: allow "), start.lowerBound == text.startIndex else {
      return
    }
    var names: [String] = []
    for piece in text[start.upperBound...].split(separator: ",") {
      let words = piece.split { $0.isWhitespace || $0 == "]" }
      if let name = words.first { names.append(String(name.prefix { $0.isLetter || $0 == "-" })) }
      if words.count != 1 { break }
    }
    var lines = [comment.lastLine]
    if isAlone(comment) { lines.append(comment.lastLine + 1) }
    for line in lines { allowed[line, default: []].formUnion(names) }
    for name in names where LintCheck(rawValue: name) == nil {
      let hint = NearestName.hint(name, of: LintCheck.allCases.map(\.rawValue))
      add(.unknownAllow, at: comment.range, line: comment.line, "there is no check '\(name)'\(hint)")
    }
  }

  /// Whether only blanks are before it in its line.
  private func isAlone(_ comment: LuaComment) -> Bool {
    let column = chunk.column(of: comment.range.lowerBound)
    let start = comment.range.lowerBound - column + 1
    return chunk.bytes[start..<comment.range.lowerBound].allSatisfy { $0 == 0x20 || $0 == 0x09 }
  }
}
