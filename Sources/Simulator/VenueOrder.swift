/// A leg that happened: which of the flow, when, and since when REST shows it.
struct VenueOrder: Sendable {
  /// Its number in the flow.
  var leg: UInt32
  /// How often the flow had been played before.
  var pass: UInt32
  /// Seconds since 1970.
  var time: Int64
  /// Place among the legs of its second, from 0.
  var logIndex: UInt32
  /// Nanoseconds after the start from which on REST shows it.
  var visibleAt: Int64

  /// One block a second since the first of the chain.
  var blockNumber: Int64 { max(1, time - 1_590_824_836) }
}
