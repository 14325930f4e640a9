import COrderFlow
import OrderFlow

extension Window {
  // MARK: Groups by key

  mutating func placeOfNextKey() -> Int {
    if used + 1 >= capacity, firstFree < 0 { grow() }
    return firstFree >= 0 ? Int(firstFree) : used
  }

  @inline(__always)
  func writeKey(_ order: UnsafePointer<bb_order>, _ bucket: Int64, _ key: UnsafeMutablePointer<Int64>)
    -> UInt64
  {
    for field in 0..<keyFields.count { key[field] = keyFields[field].word(order) }
    key[keyCount - 1] = bucket
    return Window.hash(key, keyCount)
  }

  mutating func findOrMake(_ order: UnsafePointer<bb_order>, _ bucket: Int64, _ time: Int64) -> Int32 {
    // The key is built where a new group would keep it.
    let place = placeOfNextKey()
    let key = keys + place * keyCount
    let hash = writeKey(order, bucket, key)
    let known = lookUp(key, hash)
    if known >= 0 { return known }
    return make(Int32(place), hash, bucket, time)
  }

  /// The group with this key, -1 when there is none.
  func lookUp(_ key: UnsafePointer<Int64>, _ hash: UInt64) -> Int32 {
    var at = Int(truncatingIfNeeded: hash) & indexMask
    while index[at] >= 0 {
      let slot = index[at]
      if groups[Int(slot)].hash == hash {
        let known = keys + Int(slot) * keyCount
        var same = true
        for field in 0..<keyCount where known[field] != key[field] { same = false }
        if same { return slot }
      }
      at = (at &+ 1) & indexMask
    }
    return -1
  }

  static func hash(_ key: UnsafePointer<Int64>, _ count: Int) -> UInt64 {
    var hash: UInt64 = 0x9E37_79B9_7F4A_7C15
    for field in 0..<count { hash = bb_mix(hash ^ UInt64(bitPattern: key[field]), 0x8bb8_4b93_962e_acc9) }
    return hash
  }

  mutating func make(_ slot: Int32, _ hash: UInt64, _ bucket: Int64, _ time: Int64) -> Int32 {
    if firstFree >= 0 { firstFree = groups[Int(slot)].next } else { used += 1 }
    generation += 1
    groups[Int(slot)] = Group()
    groups[Int(slot)].hash = hash
    groups[Int(slot)].generation = generation
    groups[Int(slot)].start = bucket
    groups[Int(slot)].last = time
    for place in 0..<accumulators.count {
      let start: Int128 =
        switch accumulators[place] {
        case .sum, .distinct: 0
        case .minimum: Window.stale - 1
        case .maximum: Int128.min
        }
      sums[Int(slot) * accumulators.count + place] = start
    }
    var at = Int(truncatingIfNeeded: hash) & indexMask
    while index[at] >= 0 { at = (at &+ 1) & indexMask }
    index[at] = slot
    live += 1
    link(slot)
    if live * 2 > indexMask { rebuildIndex((indexMask + 1) * 2) }
    return slot
  }

  mutating func grow() {
    let more = capacity * 2
    let biggerGroups = UnsafeMutablePointer<Group>.allocate(capacity: more)
    biggerGroups.update(from: groups, count: used)
    groups.deallocate()
    groups = biggerGroups
    let biggerKeys = UnsafeMutablePointer<Int64>.allocate(capacity: more * keyCount)
    biggerKeys.update(from: keys, count: used * keyCount)
    keys.deallocate()
    keys = biggerKeys
    let biggerSums = UnsafeMutablePointer<Int128>.allocate(capacity: more * max(accumulators.count, 1))
    biggerSums.update(from: sums, count: used * accumulators.count)
    sums.deallocate()
    sums = biggerSums
    capacity = more
  }

  mutating func rebuildIndex(_ size: Int) {
    index.deallocate()
    index = .allocate(capacity: size)
    index.initialize(repeating: -1, count: size)
    indexMask = size - 1
    for slot in 0..<used where groups[slot].generation != 0 {
      var at = Int(truncatingIfNeeded: groups[slot].hash) & indexMask
      while index[at] >= 0 { at = (at + 1) & indexMask }
      index[at] = Int32(slot)
    }
  }

  /// Closes the hole behind a removed group, so that no look-up stops short.
  func removeFromIndex(_ slot: Int32) {
    var hole = Int(truncatingIfNeeded: groups[Int(slot)].hash) & indexMask
    while index[hole] != slot { hole = (hole &+ 1) & indexMask }
    var at = hole
    while true {
      at = (at &+ 1) & indexMask
      if index[at] < 0 { break }
      let home = Int(truncatingIfNeeded: groups[Int(index[at])].hash) & indexMask
      if (at &- home) & indexMask >= (at &- hole) & indexMask {
        index[hole] = index[at]
        hole = at
      }
    }
    index[hole] = -1
  }

  // MARK: The list from the group touched longest ago to the last one

  /// Links a group behind the last one that is not younger; only late orders have to look for the place.
  mutating func link(_ slot: Int32) {
    var before = newest
    while before >= 0, groups[Int(before)].last > groups[Int(slot)].last {
      before = groups[Int(before)].previous
    }
    let after = before >= 0 ? groups[Int(before)].next : oldest
    groups[Int(slot)].previous = before
    groups[Int(slot)].next = after
    if before >= 0 { groups[Int(before)].next = slot } else { oldest = slot }
    if after >= 0 { groups[Int(after)].previous = slot } else { newest = slot }
  }

  mutating func unlink(_ slot: Int32) {
    let previous = groups[Int(slot)].previous
    let next = groups[Int(slot)].next
    if previous >= 0 { groups[Int(previous)].next = next } else { oldest = next }
    if next >= 0 { groups[Int(next)].previous = previous } else { newest = previous }
  }

  /// Keeps the list sorted after a group got an order.
  mutating func touch(_ slot: Int32, _ time: Int64) {
    if time <= groups[Int(slot)].last { return }
    groups[Int(slot)].last = time
    if newest == slot { return }
    unlink(slot)
    link(slot)
  }

  /// The group whose youngest order is oldest, -1 when there is none.
  var stalest: Int32 { oldest }
}
