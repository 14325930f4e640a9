import COrderFlow
import OrderFlow

/// Keys with a few words each, found by hash and kept in the order of their youngest order.
struct SequenceKeys: ~Copyable {
  struct Entry {
    var hash: UInt64 = 0
    /// 0 while the slot is free; tells a reused slot from the key it once had.
    var generation: UInt64 = 0
    /// Neighbours in the list; `next` of a free slot is the next free one.
    var previous: Int32 = -1
    var next: Int32 = -1
    /// Time of the youngest order; the list is sorted by it.
    var last = Int64.min
  }

  let fields: UnsafeMutableBufferPointer<OrderField>
  private let valueCount: Int
  private let empty: Int64
  private(set) var entries: UnsafeMutablePointer<Entry>
  private var keys: UnsafeMutablePointer<Int64>
  private var values: UnsafeMutablePointer<Int64>
  private var capacity = 64
  private(set) var used = 0
  private var firstFree: Int32 = -1
  private(set) var live = 0
  private var index: UnsafeMutablePointer<Int32>
  private var indexMask = 127
  /// The key whose youngest order is oldest, -1 when there is none.
  private(set) var oldest: Int32 = -1
  private var newest: Int32 = -1
  private var generation: UInt64 = 0

  /// A table keyed by `fields`, with `valueCount` words a key that begin as `empty`.
  init(_ fields: [OrderField], valueCount: Int, empty: Int64) {
    self.fields = Window.buffer(fields)
    self.valueCount = valueCount
    self.empty = empty
    entries = .allocate(capacity: capacity)
    keys = .allocate(capacity: capacity * fields.count)
    values = .allocate(capacity: capacity * valueCount)
    index = .allocate(capacity: 128)
    index.initialize(repeating: -1, count: 128)
  }

  deinit {
    fields.deallocate()
    entries.deallocate()
    keys.deallocate()
    values.deallocate()
    index.deallocate()
  }

  /// The words of a key.
  func values(_ slot: Int32) -> UnsafeMutablePointer<Int64> { values + Int(slot) * valueCount }

  /// The key's fields as words.
  func key(_ slot: Int32) -> UnsafeMutableBufferPointer<Int64> {
    UnsafeMutableBufferPointer(start: keys + Int(slot) * fields.count, count: fields.count)
  }

  /// Whether the slot still has the key it had when its generation was noted.
  func isCurrent(_ slot: Int32, _ generation: UInt64) -> Bool { entries[Int(slot)].generation == generation }

  // MARK: Finding

  /// The slot of an order's key, -1 when it has none.
  mutating func find(_ order: UnsafePointer<bb_order>) -> Int32 {
    let key = writeKey(order)
    return lookUp(key, Window.hash(key, fields.count))
  }

  /// The slot of an order's key, made when it is new.
  mutating func findOrMake(_ order: UnsafePointer<bb_order>) -> Int32 {
    let key = writeKey(order)
    let hash = Window.hash(key, fields.count)
    let known = lookUp(key, hash)
    return known >= 0 ? known : make(hash, order.pointee.time)
  }

  /// Writes the order's key where a new one would stand.
  private mutating func writeKey(_ order: UnsafePointer<bb_order>) -> UnsafeMutablePointer<Int64> {
    if firstFree < 0, used == capacity { grow() }
    let key = keys + (firstFree >= 0 ? Int(firstFree) : used) * fields.count
    for field in 0..<fields.count { key[field] = fields[field].word(order) }
    return key
  }

  private func lookUp(_ key: UnsafePointer<Int64>, _ hash: UInt64) -> Int32 {
    var at = Int(truncatingIfNeeded: hash) & indexMask
    while index[at] >= 0 {
      let slot = index[at]
      if entries[Int(slot)].hash == hash {
        let known = keys + Int(slot) * fields.count
        var same = true
        for field in 0..<fields.count where known[field] != key[field] { same = false }
        if same { return slot }
      }
      at = (at &+ 1) & indexMask
    }
    return -1
  }

  // MARK: Making and removing

  private mutating func make(_ hash: UInt64, _ time: Int64) -> Int32 {
    let slot = firstFree >= 0 ? firstFree : Int32(used)
    if firstFree >= 0 { firstFree = entries[Int(slot)].next } else { used += 1 }
    generation += 1
    (entries + Int(slot)).initialize(to: Entry(hash: hash, generation: generation, last: time))
    values(slot).initialize(repeating: empty, count: valueCount)
    var at = Int(truncatingIfNeeded: hash) & indexMask
    while index[at] >= 0 { at = (at &+ 1) & indexMask }
    index[at] = slot
    live += 1
    link(slot)
    if live * 2 > indexMask { rebuildIndex((indexMask + 1) * 2) }
    return slot
  }

  /// Forgets a key.
  mutating func remove(_ slot: Int32) {
    unlink(slot)
    removeFromIndex(slot)
    entries[Int(slot)] = Entry()
    entries[Int(slot)].next = firstFree
    firstFree = slot
    live -= 1
  }

  private mutating func grow() {
    let biggerEntries = UnsafeMutablePointer<Entry>.allocate(capacity: capacity * 2)
    biggerEntries.update(from: entries, count: used)
    entries.deallocate()
    entries = biggerEntries
    keys = SequenceKeys.grown(keys, used * fields.count, capacity * 2 * fields.count)
    values = SequenceKeys.grown(values, used * valueCount, capacity * 2 * valueCount)
    capacity *= 2
  }

  private static func grown(_ words: UnsafeMutablePointer<Int64>, _ used: Int, _ capacity: Int)
    -> UnsafeMutablePointer<Int64>
  {
    let bigger = UnsafeMutablePointer<Int64>.allocate(capacity: capacity)
    bigger.update(from: words, count: used)
    words.deallocate()
    return bigger
  }

  private mutating func rebuildIndex(_ size: Int) {
    index.deallocate()
    index = .allocate(capacity: size)
    index.initialize(repeating: -1, count: size)
    indexMask = size - 1
    for slot in 0..<used where entries[slot].generation != 0 {
      var at = Int(truncatingIfNeeded: entries[slot].hash) & indexMask
      while index[at] >= 0 { at = (at + 1) & indexMask }
      index[at] = Int32(slot)
    }
  }

  /// Closes the hole behind a removed key, so that no look-up stops short.
  private mutating func removeFromIndex(_ slot: Int32) {
    var hole = Int(truncatingIfNeeded: entries[Int(slot)].hash) & indexMask
    while index[hole] != slot { hole = (hole &+ 1) & indexMask }
    var at = hole
    while true {
      at = (at &+ 1) & indexMask
      if index[at] < 0 { break }
      let home = Int(truncatingIfNeeded: entries[Int(index[at])].hash) & indexMask
      if (at &- home) & indexMask >= (at &- hole) & indexMask {
        index[hole] = index[at]
        hole = at
      }
    }
    index[hole] = -1
  }

  // MARK: The list from the key touched longest ago to the last one

  /// Notes an order of a key.
  mutating func touch(_ slot: Int32, _ time: Int64) {
    if time <= entries[Int(slot)].last { return }
    entries[Int(slot)].last = time
    if newest == slot { return }
    unlink(slot)
    link(slot)
  }

  /// Links a key behind the last one that is not younger; only late orders have to look for the place.
  private mutating func link(_ slot: Int32) {
    var before = newest
    while before >= 0, entries[Int(before)].last > entries[Int(slot)].last {
      before = entries[Int(before)].previous
    }
    let after = before >= 0 ? entries[Int(before)].next : oldest
    entries[Int(slot)].previous = before
    entries[Int(slot)].next = after
    if before >= 0 { entries[Int(before)].next = slot } else { oldest = slot }
    if after >= 0 { entries[Int(after)].previous = slot } else { newest = slot }
  }

  private mutating func unlink(_ slot: Int32) {
    let previous = entries[Int(slot)].previous
    let next = entries[Int(slot)].next
    if previous >= 0 { entries[Int(previous)].next = next } else { oldest = next }
    if next >= 0 { entries[Int(next)].previous = previous } else { newest = previous }
  }

  /// The key after this one in the list, -1 behind the last.
  func next(_ slot: Int32) -> Int32 { entries[Int(slot)].next }

  /// Marks every text that a key has.
  func mark(_ symbols: borrowing SymbolTable) {
    for slot in 0..<used where entries[slot].generation != 0 {
      for field in 0..<fields.count {
        if case .text = fields[field] { symbols.mark(keys[slot * fields.count + field]) }
      }
    }
  }
}
