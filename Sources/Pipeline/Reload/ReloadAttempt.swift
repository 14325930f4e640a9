import Journal
import RuleEngine

/// One attempt to put a rule set in the place of the one that runs, on a thread of its own.
///
/// Everything that can be found out beside the engine is: rules are loaded into fresh VMs, `migrate` is tried, and
/// windows are filled from the journal. Only then the engine is asked to swap.
struct ReloadAttempt: Sendable {
  let journal: String
  let board: LiveBoard
  /// Wakes the engine.
  let wake: @Sendable () -> Void
  /// Where the tests of changed rules are; nil when they need not pass.
  let tests: TestFolder?
  /// Whether rules that can be loaded come in though others cannot.
  let isPartial: Bool
  /// Whether the run has ended meanwhile.
  let isOver: @Sendable () -> Bool

  /// How it ended, and what runs now when that is something else.
  struct Result: Sendable {
    var outcome: ReloadOutcome
    var running: RunningRules?
    /// What became of the change of a file that came with it.
    var change = ChangeStage.none
    /// Why the file could not be changed.
    var fault: RuleFileStep.Failure.Code?
  }

  /// How far the change of a file has come.
  enum ChangeStage: Sendable {
    /// Nothing was changed.
    case none
    /// The file is as it is to be.
    case made
    /// It was, and is again as it was before.
    case takenBack
    /// It could not be taken back, for this reason.
    case stuck(String)
  }

  private struct Over: Error {}

  /// Tries `wanted`; what does not come in leaves everything as it was. The journal gets a note of it, unless nobody
  /// but who asked can have noticed anything: a change that was refused before it was made.
  ///
  /// `rollbackFrom` makes it a return to an earlier version, from that one of the folder. `change` is made in the
  /// folder just before the swap, and taken back when that fails after all.
  func run(
    _ wanted: RuleSources, over running: RunningRules, rollbackFrom disk: String? = nil,
    with change: PlannedChange? = nil
  ) -> Result {
    let begin = MonotonicClock.now()
    var result = Result(
      outcome: ReloadOutcome(kind: .rejected, version: wanted.version, previous: running.version))
    do {
      try bring(wanted, over: running, rollbackFrom: disk, with: change, begin, into: &result)
      return result
    } catch let refusal as Engine.Refusal {
      result.outcome.problems = refusal.problems
    } catch is Over {
      result.outcome.reason = "the run is over"
    } catch let failure as RuleFileStep.Failure {
      result.outcome.reason = failure.description
      result.fault = failure.code
    } catch {
      result.outcome.reason = "\(error)"
    }
    if let change { takeBack(change, &result) }
    result.outcome.duration = MonotonicClock.now() - begin
    if change == nil { return noted(result) }
    if case .none = result.change { return result }
    return noted(result)
  }

  private func noted(_ result: Result) -> Result {
    note(result.outcome)
    return result
  }

  private func takeBack(_ change: PlannedChange, _ result: inout Result) {
    // A step that failed may have been made all the same: a folder that could not be synced.
    guard result.fault == .system || isMade(result.change) else { return }
    do throws(RuleFileStep.Failure) {
      try change.step.reversed.make()
      if isMade(result.change) { result.change = .takenBack }
    } catch {
      result.change = .stuck(error.description)
    }
  }

  private func isMade(_ stage: ChangeStage) -> Bool { if case .made = stage { true } else { false } }

  private func bring(
    _ wanted: RuleSources, over running: RunningRules, rollbackFrom disk: String?,
    with change: PlannedChange?,
    _ begin: UInt64, into result: inout Result
  ) throws {
    let isRollback = disk != nil
    // What is in the way of a change is said before anything takes long.
    try change?.step.check()
    if wanted.version == running.version {
      if let change { try make(change, &result) }
      result.outcome.kind = .unchanged
      return
    }
    var sources = wanted
    var found: [RuleProblem] = []
    while true {
      do {
        let kind: ReloadOutcome.Kind = isRollback ? .rolledBack : found.isEmpty ? .running : .partial
        let files = sources.kept
        let draft = try prepare(sources, running, isRollback: isRollback)
        try fill(draft)
        if let change { try make(change, &result) }
        let plan = SwapPlan(
          draft: draft, kind: kind, problems: found, files: files, disk: disk, begin: begin)
        return try swap(plan, sources, &result)
      } catch let refusal as Engine.Refusal {
        found += refusal.problems
        guard isPartial, !isRollback, sources.revert(refusal.problems, to: running),
          sources.version != running.version, change?.isIn(sources) ?? true
        else { throw Engine.Refusal(problems: found) }
      }
    }
  }

  /// Has the journal keep, and everybody hear, that an attempt failed.
  func note(_ outcome: ReloadOutcome) {
    let done = BoundedQueue<Bool>(limit: 1)
    ask(.note(outcome) { done.send(true) })
    _ = done.receive()
  }

  // MARK: Steps

  private func prepare(
    _ sources: RuleSources, _ running: RunningRules, isRollback: Bool
  ) throws -> RuleSetDraft {
    // What ran before may be older than a check of today's.
    let check = isRollback ? nil : RuleCheck(sources, but: running.sources)
    try check?.parse()
    let draft = try RuleSetDraft(sources, replacing: running.outline)
    draft.mayLoseState = isRollback
    draft.warnings = try check?.lint() ?? []
    if !isRollback { try tests?.check(draft.loaded, of: sources, isOver: isOver) }
    if isOver() { throw Over() }
    let reader = try JournalReader(path: journal)
    for rule in draft.loaded where !running.outline.ruleIDs.contains(rule) {
      guard let stored = try reader.state(of: rule) else { continue }
      let removed = stored.removedMilliseconds ?? .max
      if removed >= WallClock.now() - ReloadEntry.removedStateLife { draft.restore(rule, SavedRule(stored)) }
    }
    try rehearse(draft, running)
    return draft
  }

  /// Changes the folder, unless that is done or there is nothing to change in it.
  private func make(_ change: PlannedChange, _ result: inout Result) throws {
    if isMade(result.change) || change.step.before == change.step.after { return }
    if isOver() { throw Over() }
    try change.step.make()
    result.change = .made
  }

  private func fill(_ draft: RuleSetDraft) throws {
    guard draft.needsRebuild else { return }
    try DraftFilling.fill(draft, from: try JournalReader(path: journal)) { if isOver() { throw Over() } }
  }

  /// Tries every `migrate` on what the running rules hold now.
  private func rehearse(_ draft: RuleSetDraft, _ running: RunningRules) throws {
    let rules = draft.migrating(from: running.outline)
    if rules.isEmpty { return }
    let answer = BoundedQueue<[String: SavedRule]>(limit: 1)
    ask(.states(of: rules) { answer.send($0) })
    var problems: [RuleProblem] = []
    for (rule, saved) in (answer.receive() ?? [:]).sorted(by: { $0.key < $1.key }) {
      do throws(RuleProblem) { try draft.rehearse(rule, saved) } catch { problems.append(error) }
    }
    if !problems.isEmpty { throw Engine.Refusal(problems: problems) }
  }

  private func swap(_ plan: SwapPlan, _ sources: RuleSources, _ result: inout Result) throws {
    let answer = BoundedQueue<SwapPlan.Answer>(limit: 1)
    ask(.swap(plan) { answer.send($0) })
    switch answer.receive() ?? .over {
    case .swapped(let outcome, let outline, let retired):
      retired.free()
      result.outcome = outcome
      result.running = RunningRules(sources: sources, outline: outline)
    case .refused(let problems, let reason):
      if problems.isEmpty { throw JournalTrouble(description: reason ?? "") }
      throw Engine.Refusal(problems: problems)
    case .over: throw Over()
    }
  }

  /// Why the engine could not bring a draft up to the last event.
  private struct JournalTrouble: Error, CustomStringConvertible { var description: String }

  private func ask(_ request: LiveBoard.Request) {
    board.ask(request)
    wake()
  }
}

extension RuleSources {
  /// Puts rules with problems back to their files in `running`, or takes them out when they are new.
  ///
  /// False when that changes nothing.
  fileprivate mutating func revert(_ problems: [RuleProblem], to running: RunningRules) -> Bool {
    var hasChanged = false
    for name in Set(problems.map(\.rule)) {
      guard let place = rules.firstIndex(where: { $0.name == name }) else { continue }
      let before = running.sources.rules.first { $0.name == name }
      if let before, running.outline.ruleIDs.contains(name) {
        if rules[place].source == before.source { continue }
        rules[place] = before
      } else {
        rules.remove(at: place)
      }
      hasChanged = true
    }
    if !hasChanged, problems.contains(where: { running.outline.ruleIDs.contains($0.rule) }) {
      // A rule may miss one that it hears: as before means that it is there.
      let missing = running.sources.rules.filter { file in
        running.outline.ruleIDs.contains(file.name) && !rules.contains { $0.name == file.name }
      }
      rules = (rules + missing).sorted { $0.name < $1.name }
      hasChanged = !missing.isEmpty
    }
    return hasChanged && !rules.isEmpty
  }
}
