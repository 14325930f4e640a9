import COrderFlow
import CRuleVM
import OrderFlow

extension RuleRunner {
  // MARK: Timers, closing windows and absences

  /// Timers fire at multiples of their interval since the epoch; the first one after the first order.
  func scheduleTimers() {
    for (place, timer) in header.timers.enumerated() {
      nextTick[place] = (Window.floorDivide(cursor.pointee.clock, timer.interval) + 1) * timer.interval
    }
    cursor.pointee.nextTimer = nextTick.min() ?? .max
  }

  enum Due {
    case close(window: Int, slot: Int32)
    case absence(sequence: Int, SequenceMatch)
    case timer(Int)
  }

  /// Brings the clock forward without an order: runs what is due by then.
  func runTick(_ tick: UnsafePointer<bb_order>) {
    let clock = tick.pointee.clock
    var isDue = clock >= cursor.pointee.nextTimer || isAnyAbsenceDue(clock) || hasWaitingAbsences
    for place in 0..<windowCount where windows[place].isCloseDue(clock, lateness) { isDue = true }
    if isDue { runDueWithSymbols(0) }
    cursor.pointee.clock = max(cursor.pointee.clock, clock)
  }

  /// Runs everything that is due before the order at `index`, in the order of its time.
  ///
  /// A hook sees the windows as of its own time: the clock only reaches the order's when all have run.
  func runDue(_ index: Int32) {
    guard let orders = cursor.pointee.orders else { return }
    let order = orders + Int(index)
    var due: [(time: Int64, rank: Int, key: [Window.KeyPart], what: Due)] = []
    for place in 0..<windowCount {
      windows[place].current = -1
      collectCloses(place, order, &due)
    }
    for place in 0..<sequenceCount { collectAbsences(place, order.pointee.clock, &due) }
    for (place, timer) in header.timers.enumerated() {
      for tick in takeTicks(place, timer.interval, until: order.pointee.clock) {
        due.append((tick, 1000 + place, [], .timer(place)))
      }
    }
    runAll(&due, index)
    // Also when nothing was due: the group whose end was awaited may have been dropped.
    for place in 0..<windowCount { windows[place].refreshNextClose() }
    cursor.pointee.nextTimer = nextTick.min() ?? .max
  }

  /// Runs what is due in the order of its time.
  func runAll(_ due: inout [(time: Int64, rank: Int, key: [Window.KeyPart], what: Due)], _ index: Int32) {
    due.sort { left, right in
      if left.time != right.time { return left.time < right.time }
      if left.rank != right.rank { return left.rank < right.rank }
      return left.key.lexicographicallyPrecedes(right.key)
    }
    for entry in due {
      cursor.pointee.clock = max(cursor.pointee.clock, entry.time)
      runHook(entry.what, at: entry.time, index)
    }
  }

  func collectCloses(
    _ place: Int, _ order: UnsafePointer<bb_order>,
    _ due: inout [(time: Int64, rank: Int, key: [Window.KeyPart], what: Due)]
  ) {
    var slots: [(Int32, Int64)] = []
    windows[place].forEachDue(order.pointee.clock, lateness) { slots.append(($0, $1)) }
    let isTick = order.pointee.origin == UInt8(BB_ORIGIN_TICK)
    let ending = isTick ? -1 : windows[place].sessionEnding(for: order)
    if ending >= 0, !slots.contains(where: { $0.0 == ending }) { slots.append((ending, order.pointee.time)) }
    for (slot, end) in slots {
      due.append(
        (end, place, windows[place].keyParts(slot, symbols.pointee), .close(window: place, slot: slot)))
    }
  }

  /// The ticks of a timer until `clock`; after a jump the last thousand, and the rest is counted.
  func takeTicks(_ place: Int, _ interval: Int64, until clock: Int64) -> StrideTo<Int64> {
    let first = nextTick[place]
    if first > clock { return stride(from: 0, to: 0, by: 1) }
    let missed = (clock - first) / interval + 1
    let skipped = max(0, missed - 1000)
    totals.skippedTicks += UInt64(skipped)
    nextTick[place] = first + missed * interval
    return stride(from: first + skipped * interval, to: nextTick[place], by: Int(interval))
  }

  func runHook(_ what: Due, at time: Int64, _ index: Int32) {
    var status: Int32 = 0
    let before = signalCount
    var event = HookEvent(name: "", time: time, index: index)
    let hook: String
    switch what {
    case .timer(let place):
      let name = header.timers[place].name
      event.name = "timer \(name) \(time)"
      hook = "on_timer"
      if !isMuted(index), !repeatsKill(hook, index) { status = crv_run_timer(vm, name, time, &host) }
    case .absence(let sequence, let match):
      event = absenceEvent(sequence, match, event)
      hook = "on_sequence"
      if !isMuted(index), !repeatsKill(hook, index) {
        status = call(sequence, match, now: time, seed: match.first)
      }
    case .close(let window, let slot):
      let group = windows[window].groups[Int(slot)]
      // A session of the same key can begin again at the same time; it cannot end at the same time as well.
      let span = header.windows[window].isSession ? "\(group.start)-\(group.last)" : "\(group.start)"
      event.name = "close \(header.windows[window].name) \(span) \(keyText(window, slot))"
      hook = "on_close"
      if hooks & UInt32(CRV_HOOK_CLOSE) != 0, group.count > 0, !isMuted(index), !repeatsKill(hook, index) {
        let named = crv_group(window: UInt32(window), index: UInt32(slot), generation: group.generation)
        status = crv_run_close(vm, named, time, &host)
      }
      windows[window].free(slot)
    }
    if Int(status) != CRV_OK { fail(index, hook: hook) }
    for _ in before..<signalCount { results.events.append(event) }
  }

  func keyText(_ window: Int, _ slot: Int32) -> String {
    windows[window].keyParts(slot, symbols.pointee).map { part in
      switch part {
      case .number(let value): "\(value)"
      case .text(let bytes): String(decoding: bytes, as: UTF8.self)
      }
    }.joined(separator: "|")
  }
}
