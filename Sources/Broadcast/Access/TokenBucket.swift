/// A bucket of tokens that fills by itself: whoever wants something takes one, and waits when there is none.
///
/// It keeps one number: when it will be full again. Full is what every bucket is at first.
public struct TokenBucket: Sendable, Equatable {
  /// How big buckets are, and how fast they fill.
  public struct Rate: Sendable, Equatable {
    /// Tokens in a full bucket: what may come at once.
    public let capacity: Int
    /// Time until one token more is in it, ns.
    public let interval: UInt64

    /// `capacity` is 1 to 1,000,000, and `perSecond` one in an hour at least; others are brought there.
    public init(capacity: Int, perSecond: Double) {
      self.capacity = min(max(capacity, 1), 1_000_000)
      let hour = 3_600_000_000_000.0
      interval = UInt64(max(1, min(hour, perSecond > 0 ? 1_000_000_000 / perSecond : hour)))
    }

    /// Time in which an empty bucket becomes full, ns.
    var filling: UInt64 { UInt64(capacity) &* interval }
  }

  /// When it is full again, ns by the clock that `now` is of.
  private(set) var fullAt: UInt64 = 0

  /// Whether it says no more than a new one.
  func isFull(_ now: UInt64) -> Bool { fullAt <= now }

  /// How long one has to wait for a token, ns; 0 when there is one.
  func wait(_ rate: Rate, _ now: UInt64) -> UInt64 {
    let after = (max(fullAt, now) - now) &+ rate.interval
    return after > rate.filling ? after - rate.filling : 0
  }

  /// Takes a token and returns 0, or takes nothing and returns how long to wait for one, ns.
  mutating func take(_ rate: Rate, _ now: UInt64) -> UInt64 {
    let wait = wait(rate, now)
    if wait == 0 { fullAt = max(fullAt, now) &+ rate.interval }
    return wait
  }
}
