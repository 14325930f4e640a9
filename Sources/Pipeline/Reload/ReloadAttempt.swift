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
  /// Whether rules that can be loaded come in though others cannot.
  let isPartial: Bool
  /// Whether the run has ended meanwhile.
  let isOver: @Sendable () -> Bool

  /// How it ended, and what runs now when that is something else.
  struct Result: Sendable {
    var outcome: ReloadOutcome
    var running: RunningRules?
  }

  private struct Over: Error {}

  /// Tries `wanted`; what does not come in leaves everything as it was. The journal gets a note in any case.
  ///
  /// `rollbackFrom` makes it a return to an earlier version, from that one of the folder.
  func run(_ wanted: RuleSources, over running: RunningRules, rollbackFrom disk: String?) -> Result {
    let isRollback = disk != nil
    let begin = MonotonicClock.now()
    var outcome = ReloadOutcome(kind: .rejected, version: wanted.version, previous: running.version)
    if wanted.version == running.version {
      outcome.kind = .unchanged
      return Result(outcome: outcome)
    }
    var sources = wanted
    var found: [RuleProblem] = []
    do {
      while true {
        do {
          let kind: ReloadOutcome.Kind = isRollback ? .rolledBack : found.isEmpty ? .running : .partial
          let files = sources.kept
          let draft = try prepare(sources, running, isRollback: isRollback)
          let plan = SwapPlan(
            draft: draft, kind: kind, problems: found, files: files, disk: disk, begin: begin)
          return try swap(plan, sources)
        } catch let refusal as Engine.Refusal {
          found += refusal.problems
          guard isPartial, !isRollback, sources.revert(refusal.problems, to: running) else {
            throw Engine.Refusal(problems: found)
          }
          if sources.version == running.version { throw Engine.Refusal(problems: found) }
        }
      }
    } catch let refusal as Engine.Refusal {
      outcome.problems = refusal.problems
    } catch is Over {
      outcome.reason = "the run is over"
    } catch {
      outcome.reason = "\(error)"
    }
    outcome.duration = MonotonicClock.now() - begin
    note(outcome)
    return Result(outcome: outcome)
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
    let reader = try JournalReader(path: journal)
    for rule in draft.loaded where !running.outline.ruleIDs.contains(rule) {
      guard let stored = try reader.state(of: rule) else { continue }
      let removed = stored.removedMilliseconds ?? .max
      if removed >= WallClock.now() - ReloadEntry.removedStateLife { draft.restore(rule, SavedRule(stored)) }
    }
    try rehearse(draft, running)
    if draft.needsRebuild {
      try DraftFilling.fill(draft, from: reader) { if isOver() { throw Over() } }
    }
    return draft
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

  private func swap(_ plan: SwapPlan, _ sources: RuleSources) throws -> Result {
    let answer = BoundedQueue<SwapPlan.Answer>(limit: 1)
    ask(.swap(plan) { answer.send($0) })
    switch answer.receive() ?? .over {
    case .swapped(let outcome, let outline, let retired):
      retired.free()
      return Result(outcome: outcome, running: RunningRules(sources: sources, outline: outline))
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
