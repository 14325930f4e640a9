import Glibc

/// What time it is for those who let callers in; tests bring their own.
public struct AccessClock: Sendable {
  /// The time of day, ms since 1970 UTC: what tokens expire by.
  public var wall: @Sendable () -> Int64
  /// A clock that nobody sets, ns: what limits are counted by.
  public var monotonic: @Sendable () -> UInt64

  /// Two clocks.
  public init(wall: @escaping @Sendable () -> Int64, monotonic: @escaping @Sendable () -> UInt64) {
    self.wall = wall
    self.monotonic = monotonic
  }

  /// The clocks of the system.
  public static let system = AccessClock(
    wall: {
      let time = read(CLOCK_REALTIME)
      return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    },
    monotonic: {
      let time = read(CLOCK_MONOTONIC)
      return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    })

  private static func read(_ clock: clockid_t) -> timespec {
    var time = timespec()
    clock_gettime(clock, &time)
    return time
  }
}
