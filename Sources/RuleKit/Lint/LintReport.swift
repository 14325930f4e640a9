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

  /// Notes what a comment allows.
  private mutating func readAllowance(_ comment: LuaComment) {
    let allowance = Allowance(comment, in: chunk)
    for line in allowance.lines { allowed[line, default: []].formUnion(allowance.names) }
    for name in allowance.names where LintCheck(rawValue: name) == nil && name != MutantAllowance.name {
      let hint = NearestName.hint(name, of: LintCheck.allCases.map(\.rawValue))
      add(.unknownAllow, at: comment.range, line: comment.line, "there is no check '\(name)'\(hint)")
    }
  }
}
