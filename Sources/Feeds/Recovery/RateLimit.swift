/// Spaces requests out: so many a second on average, and no more than a second's worth at once.
struct RateLimit {
  private let spacing: UInt64
  private let burst: UInt64
  /// When the bucket would be full again (the "virtual scheduling" form of the generic cell rate algorithm,
  /// ITU-T I.371).
  private var fullAt: UInt64 = 0

  init(perSecond: Double) {
    let rate = perSecond > 0.001 ? min(perSecond, 1_000_000) : 0.001
    spacing = UInt64(1_000_000_000 / rate)
    burst = max(1_000_000_000, spacing) - spacing
  }

  /// Takes a place and returns when the request may go out, monotonic nanoseconds.
  mutating func reserve(_ now: UInt64) -> UInt64 {
    let at = max(now, fullAt > burst ? fullAt - burst : 0)
    fullAt = max(fullAt, at) + spacing
    return at
  }

  /// Lets nothing out before `moment`: the venue asked for a pause.
  mutating func pause(until moment: UInt64) { fullAt = max(fullAt, moment + burst) }
}
