/// A reading of both clocks, handed to the venue so that it needs none of its own.
struct Moment: Sendable {
  /// Nanoseconds since the simulator was started.
  var elapsed: Int64
  /// Milliseconds since 1970 UTC.
  var wall: Int64

  /// Nanoseconds in a millisecond.
  static let millisecond: Int64 = 1_000_000
}
