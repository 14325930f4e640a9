public import RuleEngine

/// A comparison or condition that a rule made, with the values that it had.
public struct Check: Equatable, Sendable {
  /// One side of it.
  public struct Side: Equatable, Sendable {
    /// The expression as it is written.
    public var text: String
    /// Its value, nil when it could not be seen without changing the rule.
    public var value: ProbeValue?
    /// What a whole number in it counts.
    public var unit: ValueUnit
    /// Whether it is written as a value or a parameter.
    public var isBound: Bool
    /// Whether it is written as a value.
    public var isLiteral = false
  }

  /// The line that it begins in, from 1.
  public var line: Int
  /// The left side, or all of it when it compares nothing.
  public var left: Side
  /// `==`, `~=`, `<`, `<=`, `>` or `>=`; nil when it compares nothing.
  public var comparison: String?
  /// The right side, nil when it compares nothing.
  public var right: Side?
  /// What came out; nil when nobody knows.
  public var outcome: Bool?
  /// What it was made to say in its place.
  public var forced: Bool?

  /// The check with its values: `b.n 3 >= R.params.min_fills 5 → false`.
  public var text: String {
    var text = Check.text(left)
    if let comparison, let right { text += " \(comparison) \(Check.text(right))" }
    if let outcome, comparison != nil { text += " → \(outcome)" }
    return text
  }

  /// The comparison as it is written, without its values: `b.n < R.params.min_fills`, `buys.usd >= $25,000.00`.
  public var expression: String {
    guard let comparison, let right else { return left.text }
    guard right.isLiteral, right.unit != .plain, case .integer(let bound) = right.value else {
      return "\(left.text) \(comparison) \(right.text)"
    }
    return "\(left.text) \(comparison) \(ValueText.amount(bound, right.unit))"
  }

  static func withoutOutcome(_ check: Check) -> String {
    var check = check
    check.outcome = nil
    return check.text
  }

  private static func text(_ side: Side) -> String {
    guard let value = side.value else { return "\(side.text) (not seen)" }
    let shown = ValueText.text(value, side.unit)
    return side.isLiteral ? shown : "\(side.text) \(shown)"
  }

  // MARK: How far it is

  /// How far the values are from the other outcome, nil when that cannot be said.
  public func distance(to wanted: Bool) -> String? {
    guard let comparison, let right, comparison != "in" else {
      return left.value.map { "it is \(ValueText.text($0, left.unit))" }
    }
    guard let value = left.value, let bound = right.value else { return nil }
    // The side that varies comes first.
    if left.isBound, !right.isBound {
      return Check.distance(bound, Check.mirrored(comparison), value, wanted, right.unit)
    }
    return Check.distance(value, comparison, bound, wanted, left.unit)
  }

  private static func mirrored(_ comparison: String) -> String {
    ["<": ">", "<=": ">=", ">": "<", ">=": "<="][comparison] ?? comparison
  }

  private static func distance(
    _ value: ProbeValue, _ comparison: String, _ bound: ProbeValue, _ wanted: Bool, _ unit: ValueUnit
  ) -> String? {
    let needed =
      wanted
      ? comparison
      : ["<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "~=", "~=": "=="][comparison] ?? comparison
    if needed == "==" || needed == "~=" {
      let (left, right) = (ValueText.text(value, unit), ValueText.text(bound, unit))
      return needed == "~=" ? "it is \(left)" : "it is \(left) and not \(right)"
    }
    guard case .integer(let value) = value, case .integer(let bound) = bound else {
      guard let left = value.number, let right = bound.number else { return nil }
      return needed.hasPrefix(">") ? "\(right - left) short" : "\(left - right) over"
    }
    let strict: Int64 = needed.count == 1 ? 1 : 0
    let isShort = needed.hasPrefix(">")
    let (gap, isOverflow) = (isShort ? bound : value).subtractingReportingOverflow(isShort ? value : bound)
    let (missing, isMore) = gap.addingReportingOverflow(strict)
    guard !isOverflow, !isMore, missing >= 0 else { return nil }
    return text(missing, unit, isShort: isShort) + share(value, bound, isShort: isShort)
  }

  private static func text(_ missing: Int64, _ unit: ValueUnit, isShort: Bool) -> String {
    let amount = ValueText.amount(missing, unit)
    if unit == .plain { return isShort ? "\(amount) more needed" : "\(amount) too many" }
    return isShort ? "\(amount) short" : "\(amount) over"
  }

  private static func share(_ value: Int64, _ bound: Int64, isShort: Bool) -> String {
    guard isShort, bound > 0, value >= 0, value < bound else { return "" }
    return " (\(Int(Double(value) / Double(bound) * 100)) %)"
  }
}

extension Check {
  /// The same for a condition of a `where`.
  public init(_ outcome: ConditionOutcome) {
    let value = Side(text: outcome.subject, value: outcome.value, unit: outcome.unit, isBound: false)
    self.init(line: 0, left: value, comparison: nil, right: nil, outcome: outcome.passes)
    func bound(_ comparison: String, _ value: ProbeValue) {
      self.comparison = comparison
      let text = ValueText.text(value, outcome.unit)
      right = Side(text: text, value: value, unit: outcome.unit, isBound: true, isLiteral: true)
    }
    switch outcome.test {
    case .atLeast(let value): bound(">=", value)
    case .atMost(let value): bound("<=", value)
    case .oneOf(let values) where values.count == 1: bound("==", values[0])
    case .oneOf(let values):
      comparison = "in"
      let list = values.map { ValueText.text($0, outcome.unit) }.joined(separator: ", ")
      right = Side(text: list, value: .other(type: list), unit: .plain, isBound: true, isLiteral: true)
    }
  }
}

extension ProbeValue {
  var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }
}
