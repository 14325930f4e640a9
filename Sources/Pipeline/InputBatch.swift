import COrderFlow
import Feeds
import OrderFlow
import RuleEngine
import Wire

/// Orders that own their texts, on their way from the reading thread to the engine.
///
/// `@unchecked Sendable`: one thread has it at a time; the queues it travels through order the two.
final class InputBatch: @unchecked Sendable {
  private let storage: UnsafeMutablePointer<bb_order>
  /// The orders' hashes, computed while their bytes are at hand.
  let hashes: UnsafeMutablePointer<OrderHashes>
  private var texts: UnsafeMutablePointer<UInt8>
  private var textCapacity = 1 << 16
  private var count = 0

  /// Messages that were rejected before, between or behind the orders.
  private(set) var deadLetters: [DeadLetter] = []
  /// Messages skipped since the input began.
  private(set) var skipped: UInt64 = 0
  /// Bytes read since the input began, before unpacking.
  private(set) var bytesRead: Int64 = 0
  /// Why the input broke off behind this batch, nil when it did not.
  var failure: FeedError?
  /// Whether the input ends with this batch.
  var isLast = false

  /// Room for `capacity` orders.
  init(capacity: Int) {
    storage = .allocate(capacity: capacity)
    hashes = .allocate(capacity: capacity)
    texts = .allocate(capacity: textCapacity)
  }

  deinit {
    storage.deallocate()
    hashes.deallocate()
    texts.deallocate()
  }

  /// The orders; the engine numbers and interns them in place.
  var orders: UnsafeMutableBufferPointer<bb_order> {
    UnsafeMutableBufferPointer(start: storage, count: count)
  }

  /// Forgets everything but where the input stands.
  func removeAll() {
    count = 0
    deadLetters = []
  }

  /// Copies a scanned batch with its texts.
  func take(_ batch: borrowing OrderBatch, skipped: UInt64, bytesRead: Int64) {
    let orders = batch.orders
    self.skipped = skipped
    self.bytesRead = bytesRead
    deadLetters = batch.deadLetters
    count = orders.count
    var needed = 0
    for place in 0..<count {
      storage[place] = orders[place]
      for field in 0..<Int(BB_TEXT_COUNT) { needed += Int(text(place, field).pointee.count) }
    }
    if needed > textCapacity {
      texts.deallocate()
      texts = .allocate(capacity: needed * 2)
      textCapacity = needed * 2
    }
    var at = texts
    for place in 0..<count {
      for field in 0..<Int(BB_TEXT_COUNT) {
        let text = text(place, field)
        guard let bytes = text.pointee.bytes, text.pointee.count > 0 else { continue }
        at.update(from: bytes, count: Int(text.pointee.count))
        text.pointee.bytes = UnsafePointer(at)
        at += Int(text.pointee.count)
      }
      hashes[place] = OrderHashes(storage + place)
    }
  }

  private func text(_ place: Int, _ field: Int) -> UnsafeMutablePointer<bb_text> {
    let offset = MemoryLayout<bb_order>.size - Int(BB_TEXT_COUNT) * MemoryLayout<bb_text>.stride
    let base = UnsafeMutableRawPointer(storage + place) + offset
    return base.assumingMemoryBound(to: bb_text.self) + field
  }
}
