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
  let conditions: ConditionList
  let keyFields: UnsafeMutableBufferPointer<OrderField>
  let maximumKeys: Int
  let maximumItems: Int
  let valueFields: UnsafeMutableBufferPointer<OrderField>

  var groups: UnsafeMutablePointer<Group>
  var keys: UnsafeMutablePointer<Int64>
  var sums: UnsafeMutablePointer<Int128>
  var capacity = 64
  var used = 0
  /// Slots that are free, linked by `next`; -1 when there is none.
  var firstFree: Int32 = -1
  var live = 0
  var items = 0
  var index: UnsafeMutablePointer<Int32>
  var indexMask = 127
  var oldest: Int32 = -1
  var newest: Int32 = -1
  var generation: UInt64 = 0
  var rings: RingPool
  let hasDistinct: Bool
  var distinct: DistinctCounts
  /// The group of the order at hand, -1 when the window did not take it.
  var current: Int32 = -1
  /// No bucket closes before this time.
  var nextClose = Int64.max
  /// Groups dropped by the caps, and orders that came too late.
  var droppedGroups: UInt64 = 0
  var tooLate: UInt64 = 0
  var truncatedUntil = Int64.min

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

  static func buffer<T>(_ values: [T]) -> UnsafeMutableBufferPointer<T> {
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

  mutating func admit(_ order: UnsafePointer<bb_order>, _ clock: Int64, _ lateness: Int64) {
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
    case .session(let gap, let span):
      if time < clock, isTooLate(order, gap, span) {
        tooLate += 1
        return
      }
    }
    let slot = findOrMake(order, bucket, time)
    if case .sliding(let span) = shape { expire(slot, before: clock - span) }
    insert(slot, order)
    touch(slot, time)
    current = slot
    if items > maximumItems || live > maximumKeys { dropStalest(clock, sparing: slot) }
    if case .tumbling(let width) = shape { nextClose = min(nextClose, bucket + width) }
  }

  /// Whether a late order fits no session: those it could belong to are over, or it would make one too long.
  mutating func isTooLate(_ order: UnsafePointer<bb_order>, _ gap: Int64, _ span: Int64) -> Bool {
    let time = order.pointee.time
    let key = keys + placeOfNextKey() * keyCount
    let slot = lookUp(key, writeKey(order, 0, key))
    if slot < 0 { return time < order.pointee.clock - gap }
    return time < groups[Int(slot)].start - gap || groups[Int(slot)].last - time >= span
  }

  static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
    let quotient = value / divisor
    return value % divisor < 0 ? quotient - 1 : quotient
  }

  mutating func insert(_ slot: Int32, _ order: UnsafePointer<bb_order>) {
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

  mutating func growRing(_ slot: Int32) {
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

  mutating func removeHead(_ slot: Int32, _ item: UnsafeMutablePointer<Int64>) {
    let group = groups + Int(slot)
    group.pointee.head = (group.pointee.head &+ 1) & (group.pointee.capacity &- 1)
    group.pointee.count -= 1
    items -= 1
    subtract(slot, item)
  }

  /// Frees up to two groups whose youngest order has expired: as many as an order can add, so none pile up.
  mutating func expireOldest(before limit: Int64) {
    for _ in 0..<2 {
      guard oldest >= 0 else { return }
      if groups[Int(oldest)].last > limit { return }
      free(oldest)
    }
  }

  mutating func dropStalest(_ clock: Int64, sparing kept: Int32) {
    droppedGroups += 1
    // A late order can make its own group the stalest: while it holds nothing else, the next one goes.
    let isAlone = groups[Int(kept)].count == 1 || live > maximumKeys
    let stalest = oldest == kept && isAlone ? groups[Int(kept)].next : oldest
    if stalest != kept, stalest >= 0 {
      // The dropped group may come back, so that from here on every group of the window is doubtful.
      truncatedUntil = max(truncatedUntil, endOfLoss(groups[Int(stalest)].last, clock))
      free(stalest)
    } else if let ring = groups[Int(kept)].ring {
      let group = groups + Int(kept)
      let item = ring + offset(group, 0)
      group.pointee.truncatedUntil = max(group.pointee.truncatedUntil, endOfLoss(item[0], clock))
      removeHead(kept, item)
    }
  }

  /// When orders up to `time` that are dropped now would have left anyway.
  func endOfLoss(_ time: Int64, _ clock: Int64) -> Int64 {
    if case .sliding(let span) = shape { return time + span }
    return clock + span
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
    group.pointee.next = firstFree
    firstFree = slot
    live -= 1
    if current == slot { current = -1 }
  }

}
