import Journal
import RuleEngine

extension LiveEngine {
  // MARK: Another rule set

  /// A draft on its last steps: it follows between the batches, a little faster than orders come.
  struct Catching {
    var plan: SwapPlan
    var answer: @Sendable (SwapPlan.Answer) -> Void
    /// The last event when it was looked at before.
    var seen: Int64
  }

  /// So many events more than came are taken at once; orders wait that long.
  private static let stride: Int64 = 24

  /// Lets the draft follow a little; swaps when it is there.
  func catchUp() throws(JournalError) {
    guard let now = catching else { return }
    try commit(saving: false)
    let left = now.plan.draft.needsRebuild ? engine.lastSequence - now.plan.draft.lastSequence : 0
    let step = engine.lastSequence - now.seen + LiveEngine.stride
    if left > step {
      do {
        try DraftFilling.take(journal, into: now.plan.draft, most: step)
        catching?.seen = engine.lastSequence
        queue.wake()
      } catch {
        catching = nil
        now.answer(.refused([], reason: "\(error)"))
      }
      return
    }
    // Kept until it is answered: the run may end here.
    let answer = try swap(now.plan)
    catching = nil
    now.answer(answer)
  }

  /// Swaps the rule set between two events, with what the journal is to know of it in one transaction.
  private func swap(_ plan: SwapPlan) throws(JournalError) -> SwapPlan.Answer {
    let begin = MonotonicClock.now()
    do {
      if plan.draft.needsRebuild { try DraftFilling.take(journal, into: plan.draft) }
    } catch {
      return .refused([], reason: "\(error)")
    }
    let previous = engine.version
    var states = plan.draft.removed.isEmpty ? [] : states(of: plan.draft.removed, previous)
    let unrepeatable = engine.unrepeatable(after: plan.draft)
    let retired: RetiredRules
    do throws(RuleProblem) {
      retired = try engine.swap(to: plan.draft)
    } catch {
      return .refused([error], reason: nil)
    }
    states += self.states(of: plan.draft.loaded + unrepeatable, engine.version)
    var outcome = ReloadOutcome(kind: plan.kind, version: engine.version, previous: previous)
    outcome.problems = plan.problems
    outcome.disk = plan.disk
    outcome.ruleCount = engine.rules.count
    outcome.notes = plan.draft.notes
    outcome.warnings = plan.draft.warnings
    var entry = entry(outcome)
    entry.running = engine.rules
    entry.states = states
    entry.files = plan.files
    append(.reload(entry))
    try commit(saving: false)
    let end = MonotonicClock.now()
    outcome.pause = end - begin
    outcome.duration = end - plan.begin
    board.publish(engine, queue.depth, atOnce: true)
    return .swapped(outcome, engine.outline, retired)
  }

  /// Keeps and says what became of an attempt that changed nothing.
  func note(_ outcome: ReloadOutcome) throws(JournalError) {
    append(.reload(entry(outcome)))
    try commit(saving: false)
  }

  /// Calls a quarantined rule again; answers once the journal has it.
  func resume(_ rule: String) throws(JournalError) -> LiveBoard.ResumeOutcome {
    guard engine.rules.contains(rule) else { return .missing }
    let states: [String: SavedRule]
    do throws(RuleProblem) {
      guard let kept = try engine.resume(rule) else { return .unchanged }
      states = kept
    } catch {
      return .refused(error)
    }
    append(
      .resumed(
        ResumeEntry(
          rule: rule, version: engine.version, seq: engine.lastSequence, createdAt: WallClock.now(),
          states: states)))
    try commit(saving: false)
    board.publish(engine, queue.depth, atOnce: true)
    return .done
  }

  private func entry(_ outcome: ReloadOutcome) -> ReloadEntry {
    let now = WallClock.now()
    return ReloadEntry(
      outcome: outcome, seq: engine.lastSequence, time: engine.clock == .min ? now : engine.clock,
      createdAt: now)
  }

  private func states(
    of rules: [String], _ version: String
  ) -> [(rule: String, version: String, saved: SavedRule)] {
    engine.savedStates(of: rules).sorted { $0.key < $1.key }.map { ($0.key, version, $0.value) }
  }
}
