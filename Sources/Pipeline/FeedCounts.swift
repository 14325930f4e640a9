import COrderFlow
import Feeds
import OrderFlow

/// What became of a batch of one feed, in the words of its status.
struct FeedCounts {
  private var orders: UInt64 = 0
  private var duplicates: UInt64 = 0
  private var backfilled: UInt64 = 0
  private var auditFound: UInt64 = 0
  private var twins: UInt64 = 0

  /// Counts a batch of `given` orders, of which the first `kept` reached the rules.
  ///
  /// Repeats count when the stream brought them: an audit reads everything again.
  init(_ rows: RowBatch, _ given: Int, _ kept: Int, isStream: Bool) {
    orders = UInt64(kept)
    duplicates = isStream ? UInt64(given - kept) : 0
    for order in rows.orders.prefix(kept) where order.origin != UInt8(BB_ORIGIN_STREAM) {
      // A stream cannot tell a twin from a resend, so that it has not lost it either.
      if order.twin > 0 {
        twins += 1
      } else if order.origin == UInt8(BB_ORIGIN_BACKFILL) {
        backfilled += 1
      } else {
        auditFound += 1
      }
    }
  }

  /// Adds them to a feed's status.
  func note(on board: FeedBoard) {
    board.update { status in
      status.orders += orders
      status.duplicates += duplicates
      status.backfilled += backfilled
      status.auditFound += auditFound
      status.twins += twins
    }
  }
}
