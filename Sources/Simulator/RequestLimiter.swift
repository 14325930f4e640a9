/// Counts requests in a sliding stretch of time.
struct RequestLimiter: Sendable {
  private let limit: SimulatorOptions.RequestLimit?
  /// Times of the requests that were let through, oldest first; never more than the limit.
  private var times: [Int64] = []

  init(_ limit: SimulatorOptions.RequestLimit?) { self.limit = limit }

  /// Lets a request through, or says how many seconds to wait.
  mutating func admit(_ now: Int64) -> Int? {
    guard let limit else { return nil }
    let span = Int64(limit.seconds) * 1_000_000_000
    times.removeAll { $0 <= now - span }
    if times.count < limit.requests {
      times.append(now)
      return nil
    }
    let free = (times.first ?? now) + span - now
    return max(1, Int((free + 999_999_999) / 1_000_000_000))
  }
}
