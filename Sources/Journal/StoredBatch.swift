public import OrderFlow

/// What reading back hands over: orders, ticks and gaps in the order of their sequence numbers.
public enum StoredBatch {
  /// Some orders; they and their texts belong to the reading and are valid until the body returns.
  case orders(UnsafeMutableBufferPointer<Order>)
  /// The wall moved the clock of a quiet feed to this time, ms since 1970 UTC.
  case tick(seq: Int64, clock: Int64)
  /// A stretch of a feed was lost, or has been filled.
  case gap(seq: Int64, GapRecord)
}
