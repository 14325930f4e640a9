import COrderFlow
import OrderFlow

/// A gap as the rules get it: in the layout of an order, in a batch of its own.
struct GapEvent {
  var source: String
  /// Event times, ms.
  var from: Int64
  var to: Int64
  var backfilled: Bool

  /// Lays the gap out as event `seq` at a clock (ms); the pointer is valid inside the body.
  func withOrder(seq: Int64, clock: Int64, _ body: (UnsafePointer<bb_order>) -> Void) {
    var event = bb_order.empty
    event.seq = seq
    event.time = clock
    event.clock = clock
    event.origin = UInt8(BB_ORIGIN_GAP)
    event.price = from
    event.shares = to
    event.twin = backfilled ? 1 : 0
    var source = source
    source.withUTF8 { bytes in
      event[.user] = bb_text(bytes: bytes.baseAddress, count: UInt32(clamping: bytes.count), symbol: 0)
      withUnsafePointer(to: &event, body)
    }
  }
}
