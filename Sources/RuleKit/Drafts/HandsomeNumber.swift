/// Round numbers near given ones, as people choose thresholds.
enum HandsomeNumber {
  /// What the first digits of a handsome number are, times ten.
  private static let digits: [Int64] = [10, 12, 15, 20, 25, 30, 40, 50, 60, 75, 80]

  /// The greatest handsome number that is not above a positive one.
  static func floor(_ number: Int64) -> Int64 {
    var best: Int64 = min(number, 9)
    var scale: Int64 = 1
    while scale <= number / 10 {
      for digit in digits where digit <= number / scale { best = max(best, digit * scale) }
      if scale > Int64.max / 10 { break }
      scale *= 10
    }
    return best
  }

  /// Spans that people think in, ms.
  private static let spans: [Int64] = {
    let minute: Int64 = 60_000
    let hour = 60 * minute
    return [10_000, 30_000, minute, 2 * minute, 5 * minute, 10 * minute, 15 * minute, 30 * minute]
      + [hour, 2 * hour, 3 * hour, 6 * hour, 12 * hour, 24 * hour, 48 * hour, 168 * hour, 720 * hour]
  }()

  /// The shortest such span that is longer than a number of ms; for very long ones a number of days.
  static func span(over milliseconds: Int64) -> Int64 {
    if let span = spans.first(where: { $0 > milliseconds }) { return span }
    let day: Int64 = 86_400_000
    return (milliseconds / day + 1) * day
  }

  /// A span as rules have it: `10m`, `1h`.
  static func text(_ span: Int64) -> String {
    for (unit, length) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)]
      as [(String, Int64)]
    where span % length == 0 { return "\(span / length)\(unit)" }
    return "\(span)ms"
  }
}
