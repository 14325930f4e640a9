import COrderFlow
import CRuleVM
import OrderFlow

extension RuleRunner {
  // MARK: What the rule has seen before

  /// Takes the orders of the batch that the rule has run over before into the windows; no hook is called.
  ///
  /// Returns the first place that is new to the rule.
  func runMuted(_ orders: UnsafePointer<bb_order>, _ count: Int32) -> Int32 {
    var known: Int32 = 0
    while known < count, orders[Int(known)].seq <= mutedThrough { known += 1 }
    runSilently(orders, 0, known)
    return known
  }

  /// Brings the windows up to the orders of a stretch; no hook is called.
  func runSilently(_ orders: UnsafePointer<bb_order>, _ from: Int32, _ to: Int32) {
    for at in from..<to {
      let order = orders + Int(at)
      if order.pointee.origin == UInt8(BB_ORIGIN_TICK) {
        runTick(order)
        continue
      }
      if isAnyDue(order) { runDueWithSymbols(at) }
      cursor.pointee.clock = order.pointee.clock
      if hasTimers, cursor.pointee.nextTimer == .max { scheduleTimers() }
      for place in rebuilt { windows[place].advance(order, lateness: lateness) }
      _ = advanceSequences(order)
      hasCompleted = false
    }
  }

  /// Runs what is due before the order at `index`. Names of groups are read for it: a draft takes the symbols.
  func runDueWithSymbols(_ index: Int32) {
    if isInDraft { sharedSymbols.yieldingly { _ in runDue(index) } } else { runDue(index) }
  }

  /// Whether the hooks stay silent at this place of the batch.
  func isMuted(_ index: Int32) -> Bool {
    guard let orders = cursor.pointee.orders, !isQuarantined else { return isQuarantined }
    return orders[Int(index)].seq <= mutedThrough
  }

  /// Begins with the clock where it stood, so that the next tick of each timer is the right one.
  func begin(clock: Int64) {
    cursor.pointee.clock = clock
    if hasTimers { scheduleTimers() }
  }

  /// Puts back what `saved` gave; throws when the rule can make nothing of the state.
  func restore(_ saved: SavedRule) throws(RuleProblem) {
    mutedThrough = saved.seq
    isQuarantined = failures.restore(saved.failures)
    if let until = saved.warmingUntil { warmingUntil = max(until, warmingUntil ?? until) }
    try carry(saved.state, from: saved.stateVersion)
    folder.restore(saved.dedup)
  }

  /// Notes that the windows lack what came before an event time (ms), unless they are the ones that `known` names:
  /// those were filled as events came. An empty name is of a journal that knew none.
  func noteMissing(before time: Int64?, unlessKnown known: String?) {
    guard let time, known != "", known != RuleFingerprint.name(of: header) else { return }
    let windows = (0..<windowCount).map { self.windows[$0].span }
    let longest = (windows + header.sequences.map(\.within)).max()
    if let longest { warmingUntil = max(time + longest, warmingUntil ?? .min) }
  }

  /// What `restore` takes, as of event `seq`; throws when the rule's `state` holds what cannot be kept.
  func saved(at seq: Int64) throws(RuleProblem) -> SavedRule {
    var saved = SavedRule(
      seq: seq, state: try saveState(), dedup: folder.saved,
      failures: failures.saved(isQuarantined: isQuarantined))
    saved.stateVersion = stateVersion
    saved.windows = windowsName
    saved.warmingUntil = warmingUntil
    return saved
  }

  /// How long these windows and sequences remember, ms of event time; nil when it may be for ever: where a
  /// session begins depends on the session before it.
  func memory(windows: [Int], sequences: [Int]) -> Int64? {
    var longest = sequences.map { header.sequences[$0].memory }.max() ?? 0
    for place in windows {
      switch header.windows[place].shape {
      case .sliding(let span): longest = max(longest, span)
      case .tumbling(let width): longest = max(longest, width)
      case .session: return nil
      }
    }
    return longest
  }
}
