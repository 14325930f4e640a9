import RuleEngine

/// A comparison of whole numbers that a rule, or its header, made at an event.
struct ComparisonReading {
  /// Which comparison of the rule it is.
  struct Key: Hashable {
    /// Line, from 1; 0 in the header.
    var line: Int
    var comparison: String
    var left: String
    var right: String

    /// Whether a mutant could change what comes out.
    func matches(_ mutant: Mutant, _ chunk: LuaChunk) -> Bool {
      guard let comparison = mutant.comparison else { return true }
      guard case .binary(let operation, let left, _) = chunk[comparison].kind else { return false }
      return line == chunk[comparison].line && self.comparison == operation.rawValue
        && self.left == chunk.excerpt(chunk[left].range)
    }
  }

  var key: Key
  /// The value minus the bound.
  var distance: Int64

  /// All that a trace tells, in order.
  static func all(
    in trace: EventTrace, of rule: InstrumentedRule, _ declarations: RuleDeclarations?
  ) -> [ComparisonReading] {
    var checks: [(Check, String)] = trace.conditions.map { (Check($0), "") }
    for window in trace.windows { checks += window.conditions.map { (Check($0), window.name) } }
    for call in trace.calls.indices {
      let reading = CallReading(trace, call: call, of: rule, declarations: declarations)
      checks += reading.checks.map { ($0, "") }
    }
    return checks.compactMap { check, window in
      guard let comparison = check.comparison, let right = check.right,
        case .integer(let value)? = check.left.value, case .integer(let bound)? = right.value
      else { return nil }
      let (distance, isOverflow) = value.subtractingReportingOverflow(bound)
      let left = window.isEmpty ? check.left.text : window + "/" + check.left.text
      // A condition of the header is written with its bound, which parameters change.
      let text = check.line == 0 ? "" : right.text
      let key = Key(line: check.line, comparison: comparison, left: left, right: text)
      return isOverflow ? nil : ComparisonReading(key: key, distance: distance)
    }
  }
}
