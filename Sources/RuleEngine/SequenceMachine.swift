import COrderFlow
import OrderFlow

/// The pending matches of one sequence of one rule: a state machine a key, as EQL documents it.
///
/// State `i` holds at most one match whose last step is step `i`. An order looks at the states from the last to
/// the first, so that it moves each match once. When a match comes to a state that has one, the one whose first
/// step is newer stays. It follows that what began earlier never changes what becomes of a later match, so that
/// the orders of `definition.memory` decide everything. Lives behind a pointer and is driven by one thread.
struct SequenceMachine: ~Copyable {
  let definition: SequenceDefinition
  let within: Int64
  let stepCount: Int
  let isAbsence: Bool
  private let tests: UnsafeMutableBufferPointer<ConditionList>
  /// For each element its bit: of step `i` it is `i`, of a `never` behind step `i` it is `32 + i`.
  private let bits: UnsafeMutableBufferPointer<UInt64>

  /// For each key and state the last step of its match, -1 without one.
  var pending: SequenceKeys
  /// For each key and step the time of the youngest order that must not come behind that step: an order that
  /// comes late may make a step before it.
  var nevers: SequenceKeys
  var pool = SequencePool()
  var deadlines = SequenceDeadlines()
  /// Absences that are due, but over a stretch that was lost and not read again, by key.
  var waiting: [[Int64]: SequenceMatch] = [:]

  /// What the order at hand completed.
  private(set) var completed: SequenceMatch?
  /// Keys dropped by the cap, orders that came too late, absences that were never decided.
  private(set) var droppedKeys: UInt64 = 0
  private(set) var tooLate: UInt64 = 0
  var undecided: UInt64 = 0
  /// What the cap dropped would have mattered until the watermark is behind this time.
  private(set) var truncatedUntil = Int64.min

  static var neverBits: UInt64 { 0xFFFF_FFFF_0000_0000 }

  init(_ definition: SequenceDefinition) {
    self.definition = definition
    within = definition.within
    stepCount = definition.steps.count
    isAbsence = definition.isAbsence
    tests = .allocate(capacity: definition.elements.count)
    bits = .allocate(capacity: definition.elements.count)
    var step: UInt64 = 0
    for (place, element) in definition.elements.enumerated() {
      tests.initializeElement(at: place, to: ConditionList(element.conditions))
      bits.initializeElement(at: place, to: element.isNever ? 1 << (31 + step) : 1 << step)
      if !element.isNever { step += 1 }
    }
    let fields = definition.keys.map(\.field)
    pending = SequenceKeys(fields, valueCount: stepCount, empty: -1)
    nevers = SequenceKeys(fields, valueCount: stepCount, empty: .min)
  }

  deinit {
    _ = tests.deinitialize()
    tests.deallocate()
    bits.deallocate()
  }

  // MARK: Taking an order

  /// Takes an order at its `clock`; true when it made a step of a match that is pending or complete.
  @inline(__always)
  mutating func advance(_ order: UnsafePointer<bb_order>, lateness: Int64) -> Bool {
    if completed != nil { completed = nil }
    let watermark = order.pointee.clock - lateness
    expireOldest(before: watermark)
    var matched: UInt64 = 0
    for place in 0..<tests.count where tests[place].admits(order) { matched |= bits[place] }
    return matched != 0 && take(order, matched, watermark)
  }

  private mutating func take(_ order: UnsafePointer<bb_order>, _ matched: UInt64, _ watermark: Int64) -> Bool
  {
    let time = order.pointee.time
    let isNever = matched & SequenceMachine.neverBits != 0
    if isNever, !waiting.isEmpty { killWaiting(order, matched) }
    // Too late to begin, and older than everything that is pending.
    if time < watermark - within {
      tooLate += 1
      return false
    }
    let known = pending.find(order)
    var took = known >= 0 && move(known, order, matched, watermark)
    if matched & 1 != 0 {
      let slot = pending.findOrMake(order)
      if place(pool.take(SequenceStep(order), after: -1), 0, slot, order) { took = true }
      tidy(slot)
    } else if known >= 0 {
      tidy(known)
    }
    if isNever { remember(order, matched) }
    if pending.live > definition.maximumKeys { dropStalest() }
    return took
  }

  /// Moves the matches of a key that the order takes a step further, and ends those that it kills.
  private mutating func move(
    _ slot: Int32, _ order: UnsafePointer<bb_order>, _ matched: UInt64, _ watermark: Int64
  ) -> Bool {
    let time = order.pointee.time
    var took = false
    for state in stride(from: stepCount - 1, through: 0, by: -1) {
      let last = pending.values(slot)[state]
      if last < 0 { continue }
      let node = pool.node(Int32(last))
      let deadline = node.pointee.firstTime + within
      let isNext =
        state + 1 < stepCount && matched & 1 << UInt64(state + 1) != 0 && time >= node.pointee.step.time
        && time <= deadline && time < node.pointee.limit
      if deadline < watermark || (!isNext && kills(matched, time, Int32(last), state)) {
        pool.free(Int32(last))
        pending.values(slot)[state] = -1
      } else if isNext {
        pending.values(slot)[state] = -1
        let moved = pool.take(SequenceStep(order), after: Int32(last))
        if state + 2 == stepCount, !isAbsence {
          completed = SequenceMatch(
            key: Array(pending.key(slot)), steps: pool.steps(moved), deadline: deadline)
          pool.free(moved)
          took = true
        } else if place(moved, state + 1, slot, order) {
          took = true
        }
      }
    }
    return took
  }

  /// Puts a match into a state unless a newer one is there, or a `never` that is known already ends it.
  private mutating func place(
    _ last: Int32, _ state: Int, _ slot: Int32, _ order: UnsafePointer<bb_order>
  ) -> Bool {
    let node = pool.node(last)
    let deadline = node.pointee.firstTime + within
    let isFinal = state + 1 == stepCount
    let never = youngestNever(order, state)
    if never > node.pointee.step.time {
      node.pointee.limit = never
      if isFinal, never <= deadline {
        pool.free(last)
        return false
      }
    }
    let present = Int32(pending.values(slot)[state])
    if present >= 0 {
      let other = pool.node(present)
      let isNewer =
        (other.pointee.firstTime, other.pointee.firstSeq) > (node.pointee.firstTime, node.pointee.firstSeq)
      pool.free(isNewer ? last : present)
      if isNewer { return false }
    }
    pending.values(slot)[state] = Int64(last)
    pending.touch(slot, order.pointee.time)
    if isFinal { schedule(slot, deadline) }
    return true
  }

  /// Whether an order that is no step of a match comes where the match must have none of its kind.
  ///
  /// What is behind a step has a later time, or the same time and a greater journal number, which the order's is.
  private func kills(_ matched: UInt64, _ time: Int64, _ last: Int32, _ state: Int) -> Bool {
    guard matched & SequenceMachine.neverBits != 0 else { return false }
    var end = pool.node(last).pointee.firstTime + within
    var place = last
    for step in stride(from: state, through: 0, by: -1) {
      let node = pool.node(place)
      if matched & 1 << UInt64(32 + step) != 0, time >= node.pointee.step.time, time <= end { return true }
      // Behind the next step is no longer before it.
      end = node.pointee.step.time - 1
      place = node.pointee.parent
    }
    return false
  }

  // MARK: What must not come

  private mutating func youngestNever(_ order: UnsafePointer<bb_order>, _ step: Int) -> Int64 {
    if nevers.live == 0 { return .min }
    let slot = nevers.find(order)
    return slot < 0 ? .min : nevers.values(slot)[step]
  }

  private mutating func remember(_ order: UnsafePointer<bb_order>, _ matched: UInt64) {
    let slot = nevers.findOrMake(order)
    let time = order.pointee.time
    for step in 0..<stepCount where matched & 1 << UInt64(32 + step) != 0 {
      nevers.values(slot)[step] = max(nevers.values(slot)[step], time)
    }
    nevers.touch(slot, time)
    if nevers.live > definition.maximumKeys {
      noteDrop(nevers.entries[Int(nevers.oldest)].last)
      nevers.remove(nevers.oldest)
    }
  }

  /// A waiting absence takes only what is read again of the lost stretch, however late that is.
  private mutating func killWaiting(_ order: UnsafePointer<bb_order>, _ matched: UInt64) {
    let key = pending.fields.map { $0.word(order) }
    guard let match = waiting[key] else { return }
    let time = order.pointee.time
    for (place, step) in match.steps.enumerated() where matched & 1 << UInt64(32 + place) != 0 {
      let end = place + 1 < match.steps.count ? match.steps[place + 1].time - 1 : match.deadline
      if time >= step.time, time <= end { waiting[key] = nil }
    }
  }

  // MARK: Forgetting

  /// Gives a key back that has nothing pending.
  private mutating func tidy(_ slot: Int32) {
    for state in 0..<stepCount where pending.values(slot)[state] >= 0 { return }
    pending.remove(slot)
  }

  /// Frees up to two keys that nothing can become of any more: as many as an order can add, so none pile up.
  private mutating func expireOldest(before watermark: Int64) {
    let limit = watermark - within
    for _ in 0..<2 {
      if pending.oldest >= 0, pending.entries[Int(pending.oldest)].last < limit { drop(pending.oldest) }
      if nevers.oldest >= 0, nevers.entries[Int(nevers.oldest)].last < limit { nevers.remove(nevers.oldest) }
    }
  }

  private mutating func drop(_ slot: Int32) {
    for state in 0..<stepCount {
      let last = Int32(pending.values(slot)[state])
      if last >= 0 { pool.free(last) }
    }
    pending.remove(slot)
  }

  private mutating func dropStalest() {
    noteDrop(pending.entries[Int(pending.oldest)].last)
    drop(pending.oldest)
  }

  private mutating func noteDrop(_ last: Int64) {
    droppedKeys += 1
    truncatedUntil = max(truncatedUntil, last + within)
  }

  /// Keeps every text that the machine refers to through the coming sweep.
  func mark(_ symbols: borrowing SymbolTable) {
    pending.mark(symbols)
    nevers.mark(symbols)
    for slot in 0..<pending.used where pending.entries[slot].generation != 0 {
      for state in 0..<stepCount {
        var place = Int32(pending.values(Int32(slot))[state])
        while place >= 0 {
          pool.node(place).pointee.step.mark(symbols)
          place = pool.node(place).pointee.parent
        }
      }
    }
    for match in waiting.values { match.mark(definition, symbols) }
  }
}
