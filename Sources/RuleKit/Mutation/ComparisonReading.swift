import RuleEngine

/// A comparison of whole numbers that a rule, or its header, made at an event.
struct ComparisonReading {
  /// Which comparison of the rule it is.
  struct Key: Hashable {
    /// Line, from 1; 0 in the header.
    var line: Int
    var comparison: String
    /// What is compared, and with what; a window's own condition is `buys/usd_floor`.
    var left: String
    var right: String
  }

  var key: Key
  /// The value minus the bound.
  var distance: Int64
  /// The bound in words.
  var bound: String
  /// What the numbers count.
  var unit: ValueUnit

  /// All that a trace tells, in order.
  static func all(
    in trace: EventTrace, of rule: InstrumentedRule, _ declarations: RuleDeclarations?
  ) -> [ComparisonReading] {
    var checks: [(Check, String)] = trace.conditions.map { (Check($0), "") }
    for window in trace.windows { checks += window.conditions.map { (Check($0), window.name + "/") } }
    for call in trace.calls.indices {
      let reading = CallReading(trace, call: call, of: rule, declarations: declarations)
      checks += reading.checks.map { ($0, "") }
    }
    return checks.compactMap { ComparisonReading($0, window: $1) }
  }

  private init?(_ check: Check, window: String) {
    guard let comparison = check.comparison, let right = check.right,
      case .integer(let value)? = check.left.value, case .integer(let bound)? = right.value
    else { return nil }
    let (distance, isOverflow) = value.subtractingReportingOverflow(bound)
    if isOverflow { return nil }
    // A condition of the header is written with its bound, which parameters change.
    key = Key(
      line: check.line, comparison: comparison, left: window + check.left.text,
      right: check.line == 0 ? "" : right.text)
    self.distance = distance
    unit = check.left.unit == .plain ? right.unit : check.left.unit
    self.bound = ValueText.amount(bound, unit)
  }

  /// Whether it is one of some places of a rule.
  func isIn(_ places: BoundPlaces, _ chunk: LuaChunk) -> Bool {
    if key.line == 0 { return places.conditions.contains(key.left) }
    return places.comparisons.contains { comparison in
      guard case .binary(let operation, let left, let right) = chunk[comparison].kind else { return false }
      return key.line == chunk[comparison].line && key.comparison == operation.rawValue
        && key.left == chunk.excerpt(chunk[left].range) && key.right == chunk.excerpt(chunk[right].range)
    }
  }
}
