/// How long to wait before the next attempt to connect: exponential with full jitter.
///
/// The n-th attempt in a row waits a random time between nought and `first · 2ⁿ`, at most `longest` ("full
/// jitter", M. Brooker, AWS Architecture Blog, 2015). A connection that held for `healthyAfter` starts over.
struct Backoff {
  private let settings: ReconnectSettings
  private var failures = 0
  private var connectedAt: UInt64?

  init(_ settings: ReconnectSettings) { self.settings = settings }

  /// Notes that the stream is up, at monotonic nanoseconds.
  mutating func connected(_ now: UInt64) { connectedAt = now }

  /// Notes that it is down, or that an attempt failed; returns how long to wait, nanoseconds.
  mutating func failed(_ now: UInt64, random: Double) -> UInt64 {
    if let connectedAt, now - connectedAt >= settings.healthyAfter.nanoseconds { failures = 0 }
    connectedAt = nil
    let longest = settings.longest.nanoseconds
    let (product, isTooBig) = settings.first.nanoseconds.multipliedReportingOverflow(
      by: 1 << UInt64(failures))
    failures = min(failures + 1, 32)
    return UInt64(Double(isTooBig ? longest : min(product, longest)) * min(max(random, 0), 1))
  }
}
