public import COrderFlow
public import OrderFlow

/// Orders that own their texts, on their way from one thread to another.
///
/// `@unchecked Sendable`: one thread has it at a time; the queue it travels through orders the two.
public final class RowBatch: @unchecked Sendable {
  private var storage: UnsafeMutablePointer<bb_order>
  private var capacity: Int
  /// How many orders it holds.
  public private(set) var count = 0
  /// Blocks of texts; the last one is filled up to `used`.
  private var blocks: [(start: UnsafeMutablePointer<UInt8>, capacity: Int)] = []
  private var used = 0
  /// Number of the feed that it came from.
  public var source: UInt16 = 0
  /// Messages that were rejected on the way.
  public var deadLetters: [DeadLetter] = []

  /// An empty batch with room for `capacity` orders; it grows.
  public init(capacity: Int = 512) {
    self.capacity = max(capacity, 1)
    storage = .allocate(capacity: self.capacity)
  }

  deinit {
    storage.deallocate()
    for block in blocks { block.start.deallocate() }
  }

  /// The orders, for the engine to number and intern them in place.
  public var orders: UnsafeMutableBufferPointer<bb_order> {
    UnsafeMutableBufferPointer(start: storage, count: count)
  }

  /// Adds copies of orders with their texts.
  public func append(_ orders: UnsafeBufferPointer<bb_order>) {
    reserve(count + orders.count)
    for order in orders {
      storage[count] = order
      for field in TextField.allCases {
        var text = order[field]
        guard let bytes = text.bytes, text.count > 0 else { continue }
        let copy = room(Int(text.count))
        copy.update(from: bytes, count: Int(text.count))
        text.bytes = UnsafePointer(copy)
        storage[count][field] = text
      }
      count += 1
    }
  }

  private func room(_ bytes: Int) -> UnsafeMutablePointer<UInt8> {
    if blocks.isEmpty || used + bytes > blocks[blocks.count - 1].capacity {
      let capacity = max(bytes, min(4096 << blocks.count, 1 << 20))
      blocks.append((.allocate(capacity: capacity), capacity))
      used = 0
    }
    let start = blocks[blocks.count - 1].start + used
    used += bytes
    return start
  }

  private func reserve(_ needed: Int) {
    if needed <= capacity { return }
    let grown = UnsafeMutablePointer<bb_order>.allocate(capacity: max(needed, capacity * 2))
    grown.update(from: storage, count: count)
    storage.deallocate()
    storage = grown
    capacity = max(needed, capacity * 2)
  }

  /// Gives all orders a feed's number, moves their times by `shift` ms, and in a further round of a recording
  /// (from 1) gives their transactions names of their own, so that they are new orders.
  func mark(source: UInt16, shift: Int64, round: UInt32) {
    self.source = source
    let ending = Array("-\(round)".utf8)
    for place in 0..<count {
      storage[place].source = source
      storage[place].time = storage[place].time.addingReportingOverflow(shift).partialValue
      guard round > 0 else { continue }
      // Behind the name, not in it: names may be short, and those of two rounds must not meet.
      var text = storage[place][.txHash]
      let own = room(Int(text.count) + ending.count)
      if let bytes = text.bytes { own.update(from: bytes, count: Int(text.count)) }
      for (offset, byte) in ending.enumerated() { own[Int(text.count) + offset] = byte }
      text.bytes = UnsafePointer(own)
      text.count += UInt32(ending.count)
      storage[place][.txHash] = text
    }
  }
}
