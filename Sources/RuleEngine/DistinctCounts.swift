import COrderFlow

/// How often each value occurs in each group, for `distinct`: one open table for a whole window.
struct DistinctCounts: ~Copyable {
  private struct Slot {
    var group: UInt64 = 0  // generation of the group, unique in its window; 0: free
    var value: Int64 = 0
    var place: Int32 = 0
    var count: Int32 = 0
  }

  private var slots: UnsafeMutablePointer<Slot>
  private var mask = 255
  private var live = 0

  init() {
    slots = .allocate(capacity: 256)
    slots.initialize(repeating: Slot(), count: 256)
  }

  deinit { slots.deallocate() }

  private func home(_ group: UInt64, _ place: Int, _ value: Int64) -> Int {
    let mixed = bb_mix(group ^ 0x2d35_8dcc_aa6c_78a5, UInt64(bitPattern: value) ^ 0x8bb8_4b93_962e_acc9)
    return Int(truncatingIfNeeded: mixed &+ UInt64(place)) & mask
  }

  private func find(_ group: UInt64, _ place: Int, _ value: Int64) -> Int {
    var at = home(group, place, value)
    while slots[at].group != 0 {
      if slots[at].group == group, slots[at].value == value, slots[at].place == Int32(place) { break }
      at = (at &+ 1) & mask
    }
    return at
  }

  /// Counts a value in; 1 when it is the first of its kind in the group.
  mutating func add(_ group: UInt64, _ place: Int, _ value: Int64) -> Int128 {
    let at = find(group, place, value)
    if slots[at].group != 0 {
      slots[at].count += 1
      return 0
    }
    slots[at] = Slot(group: group, value: value, place: Int32(place), count: 1)
    live += 1
    if live * 2 > mask { grow() }
    return 1
  }

  /// Counts a value out; 1 when it was the last of its kind in the group.
  mutating func remove(_ group: UInt64, _ place: Int, _ value: Int64) -> Int128 {
    let at = find(group, place, value)
    if slots[at].group == 0 { return 0 }
    slots[at].count -= 1
    if slots[at].count > 0 { return 0 }
    close(at)
    live -= 1
    return 1
  }

  private func close(_ start: Int) {
    var hole = start
    var at = start
    while true {
      at = (at &+ 1) & mask
      if slots[at].group == 0 { break }
      let wanted = home(slots[at].group, Int(slots[at].place), slots[at].value)
      if (at &- wanted) & mask >= (at &- hole) & mask {
        slots[hole] = slots[at]
        hole = at
      }
    }
    slots[hole] = Slot()
  }

  private mutating func grow() {
    let old = slots
    let size = mask + 1
    slots = .allocate(capacity: size * 2)
    slots.initialize(repeating: Slot(), count: size * 2)
    mask = size * 2 - 1
    for place in 0..<size where old[place].group != 0 {
      slots[find(old[place].group, Int(old[place].place), old[place].value)] = old[place]
    }
    old.deallocate()
  }
}
