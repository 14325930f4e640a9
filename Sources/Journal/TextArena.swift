/// Memory for texts that stay where they are until `clear`: those bound to a statement, or read by one.
///
/// SQLite keeps pointers to bound texts, and a small Swift string has no address of its own. Copying them
/// here is one `memcpy`; letting SQLite copy them would be one allocation a text.
struct TextArena: ~Copyable {
  private var block: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  private var used = 0
  private let kept: Int
  // Blocks that became too small while pointers into them were bound.
  private var retired: [UnsafeMutablePointer<UInt8>] = []

  /// An arena that begins with `capacity` bytes and keeps at most `kept` when it is cleared.
  init(capacity: Int = 256, kept: Int = 1 << 20) {
    self.capacity = capacity
    self.kept = kept
    block = .allocate(capacity: capacity)
  }

  deinit {
    block.deallocate()
    for old in retired { old.deallocate() }
  }

  /// Room for `count` bytes; it stays where it is until `clear`.
  mutating func reserve(_ count: Int) -> UnsafeMutablePointer<UInt8> {
    if capacity - used < count {
      retired.append(block)
      capacity = max(capacity * 2, count)
      block = .allocate(capacity: capacity)
      used = 0
    }
    let start = block + used
    used += count
    return start
  }

  /// Forgets everything reserved so far.
  mutating func clear() {
    used = 0
    if retired.isEmpty { return }
    for old in retired { old.deallocate() }
    retired.removeAll(keepingCapacity: true)
    // One huge text must not pin its memory for the life of the journal.
    if capacity > kept {
      block.deallocate()
      capacity = 256
      block = .allocate(capacity: capacity)
    }
  }
}
