import COrderFlow
import CRuleVM
import OrderFlow

extension RuleRunner {
  // MARK: What the rule has seen before

  /// Takes the orders of the batch that the rule has run over before into the windows; no hook is called.
  ///
  /// Returns the first place that is new to the rule.
  func runMuted(_ orders: UnsafePointer<bb_order>, _ count: Int32) -> Int32 {
    var at: Int32 = 0
    while at < count, orders[Int(at)].seq <= mutedThrough {
      let order = orders + Int(at)
      let clock = order.pointee.clock
      if order.pointee.origin == UInt8(BB_ORIGIN_TICK) {
        runTick(order)
      } else {
        if clock >= cursor.pointee.nextTimer || (hasClosingWindows && isAnyCloseDue(order)) { runDue(at) }
        cursor.pointee.clock = clock
        if hasTimers, cursor.pointee.nextTimer == .max { scheduleTimers() }
        for place in 0..<windowCount { windows[place].advance(order, lateness: lateness) }
      }
      at += 1
    }
    return at
  }

  /// Whether the hooks stay silent at this place of the batch.
  func isMuted(_ index: Int32) -> Bool {
    guard let orders = cursor.pointee.orders else { return false }
    return orders[Int(index)].seq <= mutedThrough
  }

  /// Begins with the clock where it stood, so that the next tick of each timer is the right one.
  func begin(clock: Int64) {
    cursor.pointee.clock = clock
    if hasTimers { scheduleTimers() }
  }

  /// Puts back what `saveState` and `savedFailures` gave; false when the state cannot be read.
  func restore(_ saved: SavedRule) -> Bool {
    mutedThrough = saved.seq
    isQuarantined = failures.restore(saved.failures)
    return saved.state.isEmpty || loadState(saved.state)
  }

  /// The recent errors, as text for the journal.
  var savedFailures: String { failures.saved(isQuarantined: isQuarantined) }
}
