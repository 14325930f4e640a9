import COrderFlow
import OrderFlow

extension Window {
  // MARK: Closing

  /// The session that must end before this order: its key's own, when the order would make it too long.
  mutating func sessionEnding(for order: UnsafePointer<bb_order>) -> Int32 {
    guard case .session(_, let span) = shape, live > 0, conditions.admits(order) else { return -1 }
    let key = keys + placeOfNextKey() * keyCount
    let hash = writeKey(order, 0, key)
    let slot = lookUp(key, hash)
    return slot >= 0 && order.pointee.time - groups[Int(slot)].start >= span ? slot : -1
  }

  /// Calls `body` with each group that ends by `clock`, in no order.
  func forEachDue(_ clock: Int64, _ lateness: Int64, _ body: (Int32, _ end: Int64) -> Void) {
    switch shape {
    case .sliding: return
    case .tumbling(let width):
      guard nextClose <= clock - lateness else { return }
      for slot in 0..<used where groups[slot].generation != 0 {
        let end = groups[slot].start + width
        if end <= clock - lateness { body(Int32(slot), end) }
      }
    case .session(let gap, _):
      var slot = oldest
      while slot >= 0, groups[Int(slot)].last + gap < clock {
        body(slot, groups[Int(slot)].last + gap)
        slot = groups[Int(slot)].next
      }
    }
  }

  /// Whether a bucket or session ends by `clock`.
  @inline(__always)
  func isCloseDue(_ clock: Int64, _ lateness: Int64) -> Bool {
    switch shape {
    case .sliding: false
    case .tumbling: nextClose <= clock - lateness
    case .session(let gap, _): oldest >= 0 && groups[Int(oldest)].last + gap < clock
    }
  }

  /// Looks for the next bucket to end, after some have been freed.
  mutating func refreshNextClose() {
    guard case .tumbling(let width) = shape else { return }
    nextClose = .max
    for slot in 0..<used where groups[slot].generation != 0 {
      nextClose = min(nextClose, groups[slot].start + width)
    }
  }
}
