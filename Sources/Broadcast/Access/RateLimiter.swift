import Synchronization

/// A bucket each for many callers or addresses, and a bound on how many are remembered.
final class RateLimiter: Sendable {
  /// Whether a request may go on.
  enum Verdict: Sendable, Equatable {
    case allowed
    /// Not before so many seconds have passed, 1 at least.
    case refused(retryAfter: Int)
  }

  let rate: TokenBucket.Rate
  let mostKeys: Int
  private let buckets = Mutex<[LimitKey: TokenBucket]>([:])

  /// Remembers so many keys at most.
  init(_ rate: TokenBucket.Rate, mostKeys: Int = 10_000) {
    self.rate = rate
    self.mostKeys = max(mostKeys, 1)
  }

  /// Counts a request; `now` is ns of a clock that nobody sets.
  func take(_ key: LimitKey, now: UInt64) -> Verdict {
    let wait = buckets.withLock { buckets in
      if buckets[key] == nil, buckets.count >= mostKeys { makeRoom(&buckets, now) }
      return buckets[key, default: TokenBucket()].take(rate, now)
    }
    return RateLimiter.verdict(wait)
  }

  /// What `take` would say, without counting.
  func look(_ key: LimitKey, now: UInt64) -> Verdict {
    RateLimiter.verdict(buckets.withLock { ($0[key] ?? TokenBucket()).wait(rate, now) })
  }

  /// How many keys are remembered.
  var count: Int { buckets.withLock { $0.count } }

  /// Drops what is full, and otherwise an eighth: those that will be full first, so that least is forgiven.
  ///
  /// An eighth at once, so that a flood of new addresses does not have all of them searched each time.
  private func makeRoom(_ buckets: inout [LimitKey: TokenBucket], _ now: UInt64) {
    buckets = buckets.filter { !$0.value.isFull(now) }
    let excess = buckets.count - (mostKeys - max(1, mostKeys / 8))
    if excess <= 0 { return }
    for (key, _) in buckets.sorted(by: { $0.value.fullAt < $1.value.fullAt }).prefix(excess) {
      buckets[key] = nil
    }
  }

  private static func verdict(_ wait: UInt64) -> Verdict {
    wait == 0 ? .allowed : .refused(retryAfter: max(1, Int((wait &+ 999_999_999) / 1_000_000_000)))
  }
}
