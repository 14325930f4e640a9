internal import NIOCore

extension Duration {
  /// In seconds or, where it is not a whole number of them, in milliseconds.
  var text: String {
    let (seconds, attoseconds) = components
    if attoseconds == 0 { return "\(seconds) s" }
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1000)
    return overflow ? "\(seconds) s" : "\(whole &+ attoseconds / 1_000_000_000_000_000) ms"
  }

  /// For NIO; between nothing and a year, so that no sum with it overflows.
  var timeAmount: TimeAmount {
    .nanoseconds(Int64(clamped(to: 365 * 86_400) * 1_000_000_000))
  }

  /// In seconds, between 0 and `limit`.
  func clamped(to limit: Double) -> Double {
    let (seconds, attoseconds) = components
    return min(max(Double(seconds) + Double(attoseconds) * 1e-18, 0), limit)
  }
}
