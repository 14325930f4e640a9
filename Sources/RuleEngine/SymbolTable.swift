import COrderFlow
import OrderFlow

/// Numbers for texts: equal texts get the same number, so that keys compare as integers.
///
/// Texts that nothing refers to any more are forgotten in sweeps, which keeps the table as big as what is in
/// use. The hash is keyed per process, since whoever trades chooses the texts. Owned by one engine.
struct SymbolTable: ~Copyable {
  private struct Entry {
    var hash: UInt64
    var bytes: UnsafeMutablePointer<UInt8>?
    var count: UInt32
    var marked: Bool
  }

  private var entries: UnsafeMutablePointer<Entry>
  private var entryCapacity = 1024
  private var entryCount = 1
  private var slots: UnsafeMutablePointer<UInt32>
  private var slotMask = 2047
  private var free: [UInt32] = []
  private(set) var live = 0
  private var sweepAt = 65_536

  init() {
    entries = .allocate(capacity: 1024)
    entries.initialize(to: Entry(hash: 0, bytes: nil, count: 0, marked: false))
    slots = .allocate(capacity: 2048)
    slots.initialize(repeating: 0, count: 2048)
  }

  deinit {
    for index in 1..<max(entryCount, 1) { entries[index].bytes?.deallocate() }
    entries.deallocate()
    slots.deallocate()
  }

  /// Brings the slot of a hash into the cache ahead of `symbol(of:)`.
  @inline(__always)
  func prefetch(_ hash: UInt64) { bb_prefetch(slots + Int(truncatingIfNeeded: hash) & slotMask) }

  /// Brings the entry that the slot of a hash names into the cache.
  @inline(__always)
  func prefetchEntry(_ hash: UInt64) {
    bb_prefetch(entries + Int(slots[Int(truncatingIfNeeded: hash) & slotMask]))
  }

  /// Brings the text of that entry into the cache.
  @inline(__always)
  func prefetchText(_ hash: UInt64) {
    guard let bytes = entries[Int(slots[Int(truncatingIfNeeded: hash) & slotMask])].bytes else { return }
    bb_prefetch(bytes)
    bb_prefetch(bytes + 64)
  }

  /// The symbol of a text that hashes to `hash`, made if it is new. Never 0.
  @inline(__always)
  mutating func symbol(_ bytes: UnsafePointer<UInt8>, _ count: UInt32, hash: UInt64) -> UInt32 {
    var slot = Int(truncatingIfNeeded: hash) & slotMask
    while slots[slot] != 0 {
      let entry = entries + Int(slots[slot])
      if entry.pointee.hash == hash, entry.pointee.count == count, let known = entry.pointee.bytes,
        bb_equal(known, bytes, Int(count)) != 0
      {
        return slots[slot]
      }
      slot = (slot &+ 1) & slotMask
    }
    return insert(bytes, count, hash, slot)
  }

  /// The symbol of a text, 0 when it has none.
  func find(_ bytes: UnsafePointer<UInt8>, _ count: Int, hash: UInt64) -> UInt32 {
    var slot = Int(truncatingIfNeeded: hash) & slotMask
    while slots[slot] != 0 {
      let entry = entries[Int(slots[slot])]
      if entry.hash == hash, Int(entry.count) == count, let known = entry.bytes,
        bb_equal(known, bytes, count) != 0
      {
        return slots[slot]
      }
      slot = (slot &+ 1) & slotMask
    }
    return 0
  }

  /// The bytes of a symbol, empty for 0.
  func text(_ symbol: UInt32) -> UnsafeBufferPointer<UInt8> {
    let entry = entries[Int(symbol)]
    return UnsafeBufferPointer(start: entry.bytes, count: Int(entry.count))
  }

  @inline(never)
  private mutating func insert(_ bytes: UnsafePointer<UInt8>, _ count: UInt32, _ hash: UInt64, _ slot: Int)
    -> UInt32
  {
    let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: max(Int(count), 1))
    copy.update(from: bytes, count: Int(count))
    let entry = Entry(hash: hash, bytes: copy, count: count, marked: false)
    let symbol: UInt32
    if let reused = free.popLast() {
      symbol = reused
    } else {
      if entryCount == entryCapacity { growEntries() }
      symbol = UInt32(entryCount)
      entryCount += 1
    }
    entries[Int(symbol)] = entry
    slots[slot] = symbol
    live += 1
    if live * 2 > slotMask { rebuildSlots(capacity: (slotMask + 1) * 2) }
    return symbol
  }

  private mutating func growEntries() {
    let bigger = UnsafeMutablePointer<Entry>.allocate(capacity: entryCapacity * 2)
    bigger.update(from: entries, count: entryCount)
    entries.deallocate()
    entries = bigger
    entryCapacity *= 2
  }

  private mutating func rebuildSlots(capacity: Int) {
    slots.deallocate()
    slots = .allocate(capacity: capacity)
    slots.initialize(repeating: 0, count: capacity)
    slotMask = capacity - 1
    for index in 1..<entryCount where entries[index].bytes != nil {
      var slot = Int(truncatingIfNeeded: entries[index].hash) & slotMask
      while slots[slot] != 0 { slot = (slot + 1) & slotMask }
      slots[slot] = UInt32(index)
    }
  }

  // MARK: Sweeping

  /// Whether so many texts came in since the last sweep that one is due.
  var isSweepDue: Bool { live >= sweepAt }

  /// Keeps a symbol through the coming sweep.
  func mark(_ symbol: Int64) {
    if symbol > 0, symbol < Int64(entryCount) { entries[Int(symbol)].marked = true }
  }

  /// Forgets every symbol that was not marked.
  mutating func sweep() {
    for index in 1..<entryCount {
      guard let bytes = entries[index].bytes else { continue }
      if entries[index].marked {
        entries[index].marked = false
      } else {
        bytes.deallocate()
        entries[index].bytes = nil
        entries[index].count = 0
        free.append(UInt32(index))
        live -= 1
      }
    }
    rebuildSlots(capacity: slotMask + 1)
    sweepAt = max(65_536, live * 2)
  }
}
