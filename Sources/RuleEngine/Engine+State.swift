public import COrderFlow
import OrderFlow

extension Engine {
  // MARK: The clock without an order

  /// Brings the clock forward to `time` (ms) as an event of its own: timers and closing windows that are due run.
  ///
  /// The event gets the next number. Does nothing while the clock has not begun or is there already.
  public func tick(_ time: Int64, into output: inout EngineOutput) -> Bool {
    output.removeAll()
    guard clock != .min, time > clock else { return false }
    advance(to: time, seq: lastSequence + 1, &output)
    return true
  }

  private func advance(to time: Int64, seq: Int64, _ output: inout EngineOutput) {
    admission.pointee.tick(seq, time)
    var event = Engine.tickEvent(seq, clock)
    withUnsafePointer(to: &event) { event in
      runSet(event, 1, &output)
    }
  }

  static func tickEvent(_ seq: Int64, _ clock: Int64) -> bb_order {
    var event = bb_order.empty
    event.seq = seq
    event.time = clock
    event.clock = clock
    event.origin = UInt8(BB_ORIGIN_TICK)
    // So that ticks differ in their identity, as orders do.
    event.shares = clock
    return event
  }

  // MARK: State that outlives the process

  /// Each rule's `state`, open holds and recent errors, for the journal; a state may hold what cannot be kept.
  public func savedStates() -> [(rule: String, saved: Result<SavedRule, RuleProblem>)] {
    runners.map { runner in
      (runner.id, Result { () throws(RuleProblem) in try runner.saved(at: lastSequence) })
    }
  }

  /// The same of some rules, without those whose state cannot be kept.
  public func savedStates(of rules: [String]) -> [String: SavedRule] {
    var states: [String: SavedRule] = [:]
    for runner in runners where rules.contains(runner.id) {
      states[runner.id] = try? runner.saved(at: lastSequence)
    }
    return states
  }

  /// How much of the journal before an event decides what the windows hold at it, ms of event time.
  ///
  /// nil when all of it may: where a session begins depends on the session before it.
  public var memory: Int64? {
    var longest: Int64 = 0
    for runner in runners {
      let header = runner.header
      let memory = runner.memory(
        windows: Array(header.windows.indices), sequences: Array(header.sequences.indices))
      guard let memory else { return nil }
      longest = max(longest, memory)
    }
    return longest + options.lateness
  }

  /// Puts the rules where the journal left them: behind event `base`, with the clock as it stood then (nil at the
  /// beginning of the journal). Before the first batch; then `restore` brings what follows, up to event `end`.
  ///
  /// A rule runs over what it has not seen according to its saved state. One without a saved state is new: it
  /// begins behind `end`. Returns what is wrong with states that could not be read: their rules begin like new
  /// ones. `missingBefore` is the event time, ms, at which the journal begins, when it has no more: windows that the
  /// saved state does not know are warming then. `prunedBefore` is that before which retention has deleted
  /// orders, which no window can have back. Throws what rules say against a state of another `state_version`.
  public func begin(
    after base: Int64, clock: Int64?, states: [String: SavedRule], end: Int64, missingBefore: Int64? = nil,
    prunedBefore: Int64? = nil
  ) throws(Refusal) -> [RuleProblem] {
    admission.pointee.begin(after: base, clock: clock ?? .min)
    var unreadable: [RuleProblem] = []
    var refused: [RuleProblem] = []
    for runner in runners {
      if let clock { runner.begin(clock: clock) }
      runner.mutedThrough = end
      let saved = states[runner.id]
      runner.noteMissing(before: missingBefore, unlessKnown: saved?.windows)
      runner.noteMissing(before: prunedBefore, unlessKnown: nil)
      guard let saved else { continue }
      do throws(RuleProblem) {
        try runner.restore(saved)
      } catch {
        if saved.stateVersion != runner.stateVersion { refused.append(error) }
        unreadable.append(error)
        runner.mutedThrough = end
      }
    }
    if !refused.isEmpty { throw Refusal(problems: refused) }
    return unreadable
  }

  /// Runs orders of the journal again, as it numbered them; what the rules say was said before.
  public func restore(_ orders: UnsafeMutableBufferPointer<bb_order>) {
    var output = EngineOutput()
    restore(orders, into: &output)
  }

  /// The same; `output` is what the rules say this time.
  public func restore(_ orders: UnsafeMutableBufferPointer<bb_order>, into output: inout EngineOutput) {
    output.removeAll()
    guard let base = orders.baseAddress, !orders.isEmpty else { return }
    admission.pointee.restore(base, orders.count, symbols.table)
    run(base, orders.count, &output)
  }

  /// Runs a tick of the journal again.
  public func restore(tick seq: Int64, time: Int64) {
    var output = EngineOutput()
    restore(tick: seq, time: time, into: &output)
  }

  /// The same; `output` is what the rules say this time.
  public func restore(tick seq: Int64, time: Int64, into output: inout EngineOutput) {
    output.removeAll()
    advance(to: time, seq: seq, &output)
  }

  /// Ends the restoring: numbers go on behind `seq`, and counts begin at nought.
  public func endRestoring(at seq: Int64) {
    startSequence(after: seq)
    for runner in runners { runner.killsToRepeat = [] }
    restartCounts()
  }
}
