import OrderFlow
public import RuleEngine

/// Values as people read them: whole numbers in groups of three, money also in dollars.
public enum ValueText {
  /// A value in its unit: `26,310,000,000 ($26,310.00)`.
  public static func text(_ value: ProbeValue, _ unit: ValueUnit) -> String {
    switch value {
    case .nil: return "nil"
    case .boolean(let value): return value ? "true" : "false"
    case .integer(let value):
      if unit == .time { return "\(value) (\(EventTime.text(value)))" }
      guard let meaning = meaning(value, unit) else { return grouped(value) }
      return "\(grouped(value)) (\(meaning))"
    case .number(let value): return "\(value)"
    case .text(let text, let count):
      let cut = count > text.utf8.count ? "… (\(grouped(Int64(count))) bytes)" : ""
      return "\"\(text)\"\(cut)"
    case .table(let count): return count > 0 ? "table of \(grouped(Int64(count)))" : "table"
    case .other(let type): return type
    }
  }

  /// What a whole number means in its unit, nil when it is a mere number.
  static func meaning(_ value: Int64, _ unit: ValueUnit) -> String? {
    switch unit {
    case .usd: dollars(value)
    case .shares: "\(decimal(value, atLeast: 0)) shares"
    case .time: EventTime.text(value)
    case .duration: value % 1000 == 0 ? "\(grouped(value / 1000)) s" : nil
    case .plain: nil
    }
  }

  /// An amount in the words of its unit alone: `$1,690.00`, `2.5 shares`, `2`.
  static func amount(_ value: Int64, _ unit: ValueUnit) -> String {
    switch unit {
    case .time, .duration: "\(grouped(value)) ms"
    default: meaning(value, unit) ?? grouped(value)
    }
  }

  /// A time as people write it.
  static func amountOfTime(_ milliseconds: Int64) -> String { EventTime.text(milliseconds) }

  /// Micro-dollars as `$26,310.00`, with as many decimals as there are, at least two.
  static func dollars(_ value: Int64) -> String {
    (value < 0 ? "-$" : "$") + decimal(value, atLeast: 2).drop { $0 == "-" }
  }

  private static func decimal(_ value: Int64, atLeast places: Int) -> String {
    let whole = value.magnitude / 1_000_000
    var digits = String(value.magnitude % 1_000_000 + 1_000_000).dropFirst()
    while digits.count > places, digits.last == "0" { digits.removeLast() }
    let sign = value < 0 ? "-" : ""
    return sign + grouped(whole) + (digits.isEmpty ? "" : "." + digits)
  }

  static func grouped(_ value: Int64) -> String { (value < 0 ? "-" : "") + grouped(value.magnitude) }

  private static func grouped(_ value: UInt64) -> String {
    var digits = String(value)
    var parts: [Substring] = []
    while digits.count > 3 {
      parts.append(Substring(digits.suffix(3)))
      digits.removeLast(3)
    }
    return ([Substring(digits)] + parts.reversed()).joined(separator: ",")
  }
}
