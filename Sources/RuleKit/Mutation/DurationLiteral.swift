/// Durations as rules write them: `10m`, `1h30m`.
enum DurationLiteral {
  private static let units: [(name: String, milliseconds: Int64)] = [
    ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
  ]

  /// The milliseconds that a text means, nil when it is no duration of up to ten years.
  static func parse(_ text: String) -> Int64? {
    OrderTable.milliseconds(text).flatMap { $0 > 0 && $0 <= 3650 * 86_400_000 ? $0 : nil }
  }

  /// Milliseconds in the largest unit that says them in one number, or else in several: `54m`, `1m6s`.
  static func text(_ milliseconds: Int64) -> String {
    var rest = milliseconds
    var parts: [String] = []
    for (name, size) in units where rest >= size {
      parts.append("\(rest / size)\(name)")
      rest %= size
    }
    if parts.count > 1, let unit = units.first(where: { milliseconds % $0.milliseconds == 0 }),
      milliseconds / unit.milliseconds < 1000
    {
      return "\(milliseconds / unit.milliseconds)\(unit.name)"
    }
    return parts.joined()
  }
}
