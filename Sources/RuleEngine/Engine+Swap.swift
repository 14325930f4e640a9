import CRuleVM

/// The rules that a swap took out of service; to be let go of on another thread than the engine's.
///
/// `@unchecked Sendable`: nobody runs them any more, and one thread at a time holds them.
public final class RetiredRules: @unchecked Sendable {
  private let ruleSet: RuleSet

  init(_ ruleSet: RuleSet) { self.ruleSet = ruleSet }
}

extension Engine {
  // MARK: Another rule set

  /// Puts the rules of a draft in the place of those that run, all at once; between two batches.
  ///
  /// The draft must have taken every event up to `lastSequence` unless it needs none. Throws when a rule cannot
  /// take over its state: then everything is as it was, and the draft is of no more use.
  public func swap(to draft: RuleSetDraft) throws(RuleProblem) -> RetiredRules {
    let running = Dictionary(uniqueKeysWithValues: runners.map { ($0.id, $0) })
    // What may fail comes first.
    for runner in draft.fresh {
      guard let before = running[runner.id] else { continue }
      let state: [UInt8]
      do throws(RuleProblem) {
        state = try before.saveState()
      } catch {
        // A state that cannot be kept is lost with a restart as well; it must not stop its own mending.
        draft.notes.append("the state of \(runner.id) begins anew: \(error.message)")
        continue
      }
      do throws(RuleProblem) {
        try runner.carry(state, from: before.stateVersion)
      } catch {
        guard draft.mayLoseState else { throw error }
        draft.notes.append("the state of \(runner.id) begins anew: \(error.message)")
      }
    }
    for runner in draft.fresh {
      runner.takeOver(from: running[runner.id], clock: clock, seq: lastSequence)
      runner.warmingUntil = draft.warmingUntil(runner, clock: clock) ?? running[runner.id]?.warmingUntil
    }
    for id in draft.kept where draft.version != version { running[id]?.forgive() }
    var next = draft.fresh + draft.kept.compactMap { running[$0] }
    next.sort { $0.id < $1.id }
    let retired = RetiredRules(ruleSet)
    ruleSet.shards.stop()
    ruleSet = RuleSet(draft.sources, next, skipped: [], threads: options.threads)
    draft.close()
    return retired
  }
}

extension RuleRunner {
  /// What the rule calls the shape of its state.
  var stateVersion: Int64 { crv_state_version(vm) }

  /// Takes over a saved `state`, through `migrate` when it has another shape.
  func carry(_ state: [UInt8], from version: Int64) throws(RuleProblem) {
    if state.isEmpty { return }
    if version == stateVersion {
      if !loadState(state) { throw problem("the state cannot be read") }
      return
    }
    if crv_can_migrate(vm) == 0 {
      throw problem(
        "state_version went from \(version) to \(stateVersion), but there is no R.migrate(old, from_version): "
          + "write one that returns the new state, or keep the version")
    }
    let status = state.withUnsafeBufferPointer { crv_migrate(vm, $0.baseAddress, $0.count, version) }
    if Int(status) != CRV_OK { throw problem("migrate failed") }
  }

  private func problem(_ fallback: String) -> RuleProblem {
    RuleLoader.problem(vm, id, id + ".lua", fallback: fallback)
  }

  /// Takes the place of an earlier version of the rule, if there is one, behind event `seq`.
  func takeOver(from before: RuleRunner?, clock: Int64, seq: Int64) {
    for (place, from) in moved.enumerated() {
      guard let before, let from else { continue }
      Swift.swap(&windows[place], &before.windows[from])
    }
    if let before {
      folder = before.folder
      totals = before.totals
      callsBefore = crv_get_stats(vm).calls &- before.totals.calls
    }
    if clock != .min { begin(clock: clock) }
    for place in 0..<windowCount { windows[place].current = -1 }
    moved = []
    rebuilt = Array(0..<windowCount)
    mutedThrough = seq
  }

  /// Whether its windows lack what the journal no longer had when they were filled.
  func isWarming(at clock: Int64) -> Bool { warmingUntil.map { clock < $0 } ?? false }

  /// Lets a quarantined rule run again.
  func forgive() {
    isQuarantined = false
    failures = FailureWindow()
  }
}
