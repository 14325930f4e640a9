import COrderFlow
import OrderFlow

/// One window of one rule: its groups, their orders and what is summed over them.
///
/// Lives behind a pointer and is driven by one thread. A group keeps its orders in a ring of words
/// (`time, seq, values…`); what expired is taken out whenever the group is touched, and groups that nobody
/// touches leave in the order of their last order.
struct Window: ~Copyable {
  struct Group {
    var hash: UInt64 = 0
    /// 0 while the slot is free.
    var generation: UInt64 = 0
    var ring: UnsafeMutablePointer<Int64>?
    var capacity: Int32 = 0
    var head: Int32 = 0
    var count: Int32 = 0
    var previous: Int32 = -1
    var next: Int32 = -1
    /// Start of a tumbling bucket or of a session.
    var start: Int64 = 0
    /// Time of the youngest order; the list of groups is sorted by it.
    var last: Int64 = .min
    /// Until this time the group lacks orders that a cap dropped.
    var truncatedUntil: Int64 = .min
  }

  let definition: WindowDefinition
  let shape: WindowDefinition.Shape
  let stride: Int
  /// Words of a key: the fields of `by`, and the bucket of a tumbling window.
  let keyCount: Int
  let accumulators: UnsafeMutableBufferPointer<WindowDefinition.Accumulator>
  let aggregates: UnsafeMutableBufferPointer<WindowDefinition.Aggregate>
  /// For each aggregate the place of its accumulator, -1 when it has none.
  let places: UnsafeMutableBufferPointer<Int>
  private let conditions: ConditionList
  private let keyFields: UnsafeMutableBufferPointer<OrderField>
  private let maximumKeys: Int
  private let maximumItems: Int
  private let valueFields: UnsafeMutableBufferPointer<OrderField>

  var groups: UnsafeMutablePointer<Group>
  var keys: UnsafeMutablePointer<Int64>
  var sums: UnsafeMutablePointer<Int128>
  var capacity = 64
  var used = 0
  var freeGroups: [Int32] = []
  var live = 0
  var items = 0
  private var index: UnsafeMutablePointer<Int32>
  private var indexMask = 127
  private var oldest: Int32 = -1
  private var newest: Int32 = -1
  private var generation: UInt64 = 0
  private var rings: RingPool
  private let hasDistinct: Bool
  var distinct: DistinctCounts
  /// The group of the order at hand, -1 when the window did not take it.
  var current: Int32 = -1
  /// No bucket closes before this time.
  var nextClose = Int64.max
  /// Groups dropped by the caps, and orders that came too late.
  var droppedGroups: UInt64 = 0
  var tooLate: UInt64 = 0
  private var truncatedUntil = Int64.min

  init(_ definition: WindowDefinition) {
    self.definition = definition
    shape = definition.shape
    maximumKeys = definition.maximumKeys
    maximumItems = definition.maximumItems
    stride = 2 + definition.values.count
    keyCount = definition.keys.count + 1
    conditions = ConditionList(definition.conditions)
    accumulators = Window.buffer(definition.accumulators)
    aggregates = Window.buffer(definition.aggregates.map(\.aggregate))
    places = Window.buffer(definition.aggregates.map { definition.place(of: $0.aggregate) })
    keyFields = Window.buffer(definition.keys.map(\.field))
    valueFields = Window.buffer(definition.values)
    groups = .allocate(capacity: capacity)
    keys = .allocate(capacity: capacity * keyCount)
    sums = .allocate(capacity: capacity * max(accumulators.count, 1))
    index = .allocate(capacity: 128)
    index.initialize(repeating: -1, count: 128)
    distinct = DistinctCounts()
    rings = RingPool(stride: stride)
    hasDistinct = definition.accumulators.contains { if case .distinct = $0 { true } else { false } }
  }

  private static func buffer<T>(_ values: [T]) -> UnsafeMutableBufferPointer<T> {
    let buffer = UnsafeMutableBufferPointer<T>.allocate(capacity: values.count)
    _ = buffer.initialize(from: values)
    return buffer
  }

  deinit {
    accumulators.deallocate()
    aggregates.deallocate()
    places.deallocate()
    keyFields.deallocate()
    valueFields.deallocate()
    for slot in 0..<used { groups[slot].ring?.deallocate() }
    groups.deallocate()
    keys.deallocate()
    sums.deallocate()
    index.deallocate()
  }

  /// The time span in which a dropped order would still have counted.
  var span: Int64 {
    switch shape {
    case .sliding(let span): span
    case .tumbling(let width): width
    case .session(_, let span): span
    }
  }

  /// Whether the group lacks orders that a cap dropped.
  func isTruncated(_ slot: Int32, clock: Int64) -> Bool {
    clock < truncatedUntil || clock < groups[Int(slot)].truncatedUntil
  }

  // MARK: Taking an order

  /// Takes an order if the conditions let it through, and makes its group the current one.
  @inline(__always)
  mutating func advance(_ order: UnsafePointer<bb_order>, lateness: Int64) {
    let clock = order.pointee.clock
    if case .sliding(let span) = shape { expireOldest(before: clock - span) }
    current = -1
    if conditions.admits(order) { admit(order, clock, lateness) }
  }

  private mutating func admit(_ order: UnsafePointer<bb_order>, _ clock: Int64, _ lateness: Int64) {
    let time = order.pointee.time
    var bucket: Int64 = 0
    switch shape {
    case .sliding(let span):
      if time <= clock - span {
        tooLate += 1
        return
      }
    case .tumbling(let width):
      bucket = Window.floorDivide(time, width) * width
      if bucket + width <= clock - lateness {
        tooLate += 1
        return
      }
    case .session: break
    }
    let slot = findOrMake(order, bucket, time)
    if case .sliding(let span) = shape { expire(slot, before: clock - span) }
    if case .session(let gap, _) = shape, groups[Int(slot)].count > 0, time < groups[Int(slot)].start - gap {
      tooLate += 1
      return
    }
    insert(slot, order)
    touch(slot, time)
    current = slot
    if items > maximumItems || live > maximumKeys { dropStalest(clock, sparing: slot) }
    if case .tumbling(let width) = shape { nextClose = min(nextClose, bucket + width) }
  }

  static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
    let quotient = value / divisor
    return value % divisor < 0 ? quotient - 1 : quotient
  }

  private mutating func insert(_ slot: Int32, _ order: UnsafePointer<bb_order>) {
    let time = order.pointee.time
    let seq = order.pointee.seq
    if groups[Int(slot)].count == groups[Int(slot)].capacity { growRing(slot) }
    let group = groups + Int(slot)
    guard let ring = group.pointee.ring else { return }
    // Orders come in time order but for late ones, which move the younger ones up.
    var place = group.pointee.count
    while place > 0 {
      let before = ring + offset(group, place - 1)
      if before[0] <= time { break }
      (ring + offset(group, place)).update(from: before, count: stride)
      place -= 1
    }
    let item = ring + offset(group, place)
    item[0] = time
    item[1] = seq
    for value in 0..<valueFields.count { item[2 + value] = valueFields[value].word(order) }
    if case .session = shape {
      group.pointee.start = group.pointee.count == 0 ? time : min(group.pointee.start, time)
    }
    group.pointee.count += 1
    items += 1
    add(slot, item)
  }

  /// The word offset of item `place` of a group.
  @inline(__always)
  func offset(_ group: UnsafeMutablePointer<Group>, _ place: Int32) -> Int {
    Int((group.pointee.head &+ place) & (group.pointee.capacity &- 1)) &* stride
  }

  private mutating func growRing(_ slot: Int32) {
    let group = groups + Int(slot)
    let capacity = max(group.pointee.capacity * 2, 4)
    let ring = rings.take(capacity: capacity)
    if let old = group.pointee.ring {
      for place in 0..<group.pointee.count {
        (ring + Int(place) * stride).update(from: old + offset(group, place), count: stride)
      }
      rings.give(old, capacity: group.pointee.capacity)
    }
    group.pointee.ring = ring
    group.pointee.capacity = capacity
    group.pointee.head = 0
  }

  // MARK: Accumulators

  private mutating func add(_ slot: Int32, _ item: UnsafeMutablePointer<Int64>) {
    let sum = sums + Int(slot) * accumulators.count
    for place in 0..<accumulators.count {
      switch accumulators[place] {
      case .sum(let value): sum[place] += Int128(item[2 + value])
      case .minimum(let value):
        if sum[place] != Window.stale, Int128(item[2 + value]) < sum[place] { sum[place] = Int128(item[2 + value]) }
      case .maximum(let value):
        if sum[place] != Window.stale, Int128(item[2 + value]) > sum[place] { sum[place] = Int128(item[2 + value]) }
      case .distinct(let value): sum[place] += distinct.add(groups[Int(slot)].generation, place, item[2 + value])
      }
    }
  }

  /// An extreme whose order left the window: the new one is looked for when it is read.
  static var stale: Int128 { Int128.max }

  private mutating func subtract(_ slot: Int32, _ item: UnsafeMutablePointer<Int64>) {
    let sum = sums + Int(slot) * accumulators.count
    for place in 0..<accumulators.count {
      switch accumulators[place] {
      case .sum(let value): sum[place] -= Int128(item[2 + value])
      case .minimum(let value), .maximum(let value):
        if Int128(item[2 + value]) == sum[place] { sum[place] = Window.stale }
      case .distinct(let value): sum[place] -= distinct.remove(groups[Int(slot)].generation, place, item[2 + value])
      }
    }
  }

  // MARK: Expiry

  /// Takes out what is at or before `limit`, from the head.
  mutating func expire(_ slot: Int32, before limit: Int64) {
    let group = groups + Int(slot)
    guard let ring = group.pointee.ring else { return }
    while group.pointee.count > 0 {
      let item = ring + offset(group, 0)
      if item[0] > limit { return }
      removeHead(slot, item)
    }
  }

  private mutating func removeHead(_ slot: Int32, _ item: UnsafeMutablePointer<Int64>) {
    let group = groups + Int(slot)
    group.pointee.head = (group.pointee.head &+ 1) & (group.pointee.capacity &- 1)
    group.pointee.count -= 1
    items -= 1
    subtract(slot, item)
  }

  /// Frees up to two groups whose youngest order has expired: as many as an order can add, so none pile up.
  private mutating func expireOldest(before limit: Int64) {
    for _ in 0..<2 {
      guard oldest >= 0 else { return }
      if groups[Int(oldest)].last > limit { return }
      free(oldest)
    }
  }

  private mutating func dropStalest(_ clock: Int64, sparing kept: Int32) {
    droppedGroups += 1
    truncatedUntil = max(truncatedUntil, clock + span)
    if oldest != kept {
      free(oldest)
    } else if let ring = groups[Int(kept)].ring {
      groups[Int(kept)].truncatedUntil = clock + span
      removeHead(kept, ring + offset(groups + Int(kept), 0))
    }
  }

  /// Forgets a group and its orders.
  mutating func free(_ slot: Int32) {
    let group = groups + Int(slot)
    if let ring = group.pointee.ring {
      if hasDistinct {
        for place in 0..<group.pointee.count { subtract(slot, ring + offset(group, place)) }
      }
      items -= Int(group.pointee.count)
      rings.give(ring, capacity: group.pointee.capacity)
    }
    unlink(slot)
    removeFromIndex(slot)
    group.pointee = Group()
    freeGroups.append(slot)
    live -= 1
    if current == slot { current = -1 }
  }

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
    for slot in 0..<used where groups[slot].generation != 0 { nextClose = min(nextClose, groups[slot].start + width) }
  }

  // MARK: Groups by key

  private mutating func placeOfNextKey() -> Int {
    if used + 1 >= capacity, freeGroups.isEmpty { grow() }
    return Int(freeGroups.last ?? Int32(used))
  }

  @inline(__always)
  private func writeKey(_ order: UnsafePointer<bb_order>, _ bucket: Int64, _ key: UnsafeMutablePointer<Int64>) -> UInt64 {
    for field in 0..<keyFields.count { key[field] = keyFields[field].word(order) }
    key[keyCount - 1] = bucket
    return Window.hash(key, keyCount)
  }

  private mutating func findOrMake(_ order: UnsafePointer<bb_order>, _ bucket: Int64, _ time: Int64) -> Int32 {
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

  private mutating func make(_ slot: Int32, _ hash: UInt64, _ bucket: Int64, _ time: Int64) -> Int32 {
    if freeGroups.popLast() == nil { used += 1 }
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

  private mutating func grow() {
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

  private mutating func rebuildIndex(_ size: Int) {
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
  private func removeFromIndex(_ slot: Int32) {
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
  private mutating func link(_ slot: Int32) {
    var before = newest
    while before >= 0, groups[Int(before)].last > groups[Int(slot)].last { before = groups[Int(before)].previous }
    let after = before >= 0 ? groups[Int(before)].next : oldest
    groups[Int(slot)].previous = before
    groups[Int(slot)].next = after
    if before >= 0 { groups[Int(before)].next = slot } else { oldest = slot }
    if after >= 0 { groups[Int(after)].previous = slot } else { newest = slot }
  }

  private mutating func unlink(_ slot: Int32) {
    let previous = groups[Int(slot)].previous
    let next = groups[Int(slot)].next
    if previous >= 0 { groups[Int(previous)].next = next } else { oldest = next }
    if next >= 0 { groups[Int(next)].previous = previous } else { newest = previous }
  }

  /// Keeps the list sorted after a group got an order.
  private mutating func touch(_ slot: Int32, _ time: Int64) {
    if time <= groups[Int(slot)].last { return }
    groups[Int(slot)].last = time
    if newest == slot { return }
    unlink(slot)
    link(slot)
  }

  /// The group whose youngest order is oldest, -1 when there is none.
  var stalest: Int32 { oldest }
}
