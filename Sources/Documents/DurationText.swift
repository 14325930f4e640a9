/// Durations as people write them.
public enum DurationText {
  /// What a duration looks like, for messages.
  public static let wanted = "a duration such as 250ms, 5s, 10m, 1h or 1d"

  private static let units: [(suffix: String, milliseconds: Int64)] = [
    ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
  ]

  /// The duration that a whole number with a unit means, of up to 366 days; nil for anything else.
  public static func parse(_ text: String) -> Duration? {
    for (suffix, milliseconds) in units where text.hasSuffix(suffix) {
      let digits = text.dropLast(suffix.count)
      guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int64(digits),
        number <= 366 * 86_400_000 / milliseconds
      else { return nil }
      return .milliseconds(number * milliseconds)
    }
    return nil
  }
}
