import COrderFlow
import OrderFlow

/// The last orders that went into a window, kept so that a signal can be stored with the orders behind it.
///
/// A ring of bytes with a fixed size: what is older than its beginning can be named by a signal, but no longer
/// be stored with it, and is counted.
struct EvidenceLog {
  private var bytes: [UInt8] = []
  private var places: [(seq: Int64, offset: Int)] = []
  private var dropped = 0
  private let limit: Int

  /// A log of at most `limit` bytes.
  init(limit: Int = 48 << 20) { self.limit = limit }

  /// Keeps a copy of an order; orders come in ascending `seq`.
  mutating func append(_ order: UnsafePointer<bb_order>) {
    if places.last?.seq == order.pointee.seq { return }
    places.append((order.pointee.seq, dropped + bytes.count))
    withUnsafeBytes(of: order.pointee) { bytes.append(contentsOf: $0) }
    for field in TextField.allCases {
      let text = order.text(field).pointee
      bytes.append(contentsOf: UnsafeBufferPointer(start: text.bytes, count: Int(text.count)))
    }
    if bytes.count > limit { forgetHalf() }
  }

  private mutating func forgetHalf() {
    let middle = places.count / 2
    guard middle < places.count else { return }
    let cut = places[middle].offset - dropped
    bytes.removeFirst(cut)
    places.removeFirst(middle)
    dropped += cut
  }

  /// Calls `body` with the order `seq`; false when it is not kept.
  func withOrder(_ seq: Int64, _ body: (UnsafePointer<bb_order>) throws -> Void) rethrows -> Bool {
    var low = 0
    var high = places.count
    while low < high {
      let middle = (low + high) / 2
      if places[middle].seq < seq { low = middle + 1 } else { high = middle }
    }
    guard low < places.count, places[low].seq == seq else { return false }
    try bytes.withUnsafeBytes { raw in
      guard let base = raw.baseAddress else { return }
      let start = base + (places[low].offset - dropped)
      var order = start.loadUnaligned(as: bb_order.self)
      var at = start + MemoryLayout<bb_order>.size
      try withUnsafeMutablePointer(to: &order) { order in
        for field in TextField.allCases {
          order.text(field).pointee.bytes = at.assumingMemoryBound(to: UInt8.self)
          at += Int(order.text(field).pointee.count)
        }
        try body(UnsafePointer(order))
      }
    }
    return true
  }
}
