/// The part of the input that is in memory: what is not scanned yet and what was scanned last.
struct InputWindow: ~Copyable {
  /// Readable zero bytes after the input, so that searches need not check for its end.
  static let padding = 64

  private var base: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  private var first = 0
  private var count = 0
  /// Place of `head` in the input, in bytes.
  private(set) var offset: UInt64 = 0
  /// Whether nothing will follow.
  private(set) var isFinished = false

  init() {
    capacity = 1 << 16
    base = .allocate(capacity: capacity + InputWindow.padding)
    base.initialize(repeating: 0, count: InputWindow.padding)
  }

  deinit { base.deallocate() }

  /// The first byte that is not done with.
  @inline(__always)
  var head: BytePointer { BytePointer(base + first) }

  /// The place after the last byte.
  @inline(__always)
  var tail: BytePointer { BytePointer(base + first + count) }

  /// Bytes not done with.
  @inline(__always)
  var remaining: Int { count }

  mutating func finish() { isFinished = true }

  /// Is done with everything before `place`.
  @inline(__always)
  mutating func advance(to place: BytePointer) {
    let step = place - head
    first += step
    count -= step
    offset += UInt64(truncatingIfNeeded: step)
  }

  /// Lets `read` put up to `block` bytes behind the input; returns how many it was, 0 ends the input.
  mutating func fill<Failure: Error>(
    block: Int, _ read: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
  ) throws(Failure) -> Int {
    makeRoom(block)
    // Again before the read: it may throw.
    (base + count).initialize(repeating: 0, count: InputWindow.padding)
    let space = UnsafeMutableRawBufferPointer(start: base + count, count: block)
    let added = min(max(try read(space), 0), block)
    count += added
    (base + count).initialize(repeating: 0, count: InputWindow.padding)
    if added == 0 { isFinished = true }
    return added
  }

  /// Moves what is left to the front and grows until `block` more bytes fit.
  private mutating func makeRoom(_ block: Int) {
    if count + block > capacity {
      // Half as much again: a message that comes in pieces is copied a constant number of times.
      capacity = max(count + block, min(capacity + capacity / 2, capacity + (4 << 20)))
      let grown = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity + InputWindow.padding)
      grown.update(from: base + first, count: count)
      base.deallocate()
      base = grown
    } else if first > 0 {
      base.update(from: base + first, count: count)
    }
    first = 0
  }
}
