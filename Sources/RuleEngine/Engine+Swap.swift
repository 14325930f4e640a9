import CRuleVM

/// The rules that a swap took out of service; to be let go of on another thread than the engine's.
///
/// `@unchecked Sendable`: nobody runs them any more, and one thread at a time touches them.
public final class RetiredRules: @unchecked Sendable {
  private var ruleSet: RuleSet?

  init(_ ruleSet: RuleSet) { self.ruleSet = ruleSet }

  /// Frees them on the calling thread, whoever else still holds on to this.
  public func free() {
    ruleSet = nil
    crv_give_back()
  }
}

extension Engine {
  // MARK: Another rule set

  /// Ids of rules that stay but would not come out as they are if they ran over the last events again behind a
  /// swap to `draft`: they hear rules that change, were silent, had errors, or see other labels.
  public func unrepeatable(after draft: RuleSetDraft) -> [String] {
    let hasOtherLabels = draft.hasOtherLabels
    return runners.filter { runner in
      draft.kept.contains(runner.id)
        && (hasOtherLabels || !runner.header.listens.isEmpty || runner.hasErrors)
    }.map(\.id)
  }

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
      runner.gaps = gaps
      let since = [draft.warmingUntil(runner, clock: clock), running[runner.id]?.warmingUntil]
      runner.warmingUntil = since.compactMap(\.self).max()
    }
    for id in draft.kept where draft.version != version { running[id]?.forgive() }
    var next = draft.fresh + draft.kept.compactMap { running[$0] }
    next.sort { $0.id < $1.id }
    let retired = RetiredRules(ruleSet)
    ruleSet.stop()
    ruleSet = RuleSet(
      version: draft.version, labels: draft.labels, next, skipped: [], threads: options.threads)
    draft.close()
    return retired
  }
}
