import Broadcast
import Glibc
import Journal
import Logging
import RuleEngine
import Synchronization

/// Keeps the rules that run equal to the rules folder: notices changes, tries them, and says what became of them.
final class Reloader: Sendable {
  private enum Want: Sendable { case reload, rollback }

  private struct State {
    var isNoticed = false
    var wants: [(want: Want, answer: CheckedContinuation<ReloadOutcome, Never>)] = []
    var changes: [(change: RuleFileChange, answer: CheckedContinuation<RuleChange, Never>)] = []
    var isOver = false
  }

  private let options: LiveOptions
  private let board: LiveBoard
  private let log: Logger
  private let wakeEngine: @Sendable () -> Void
  private let onChange: @Sendable (RuleSources) -> Void
  private let state = Mutex(State())
  private let isCancelled = Atomic(false)
  private let bell = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

  /// `onChange` gets the files of every set that begins to run.
  init(
    _ options: LiveOptions, _ board: LiveBoard, _ log: Logger, wakeEngine: @escaping @Sendable () -> Void,
    onChange: @escaping @Sendable (RuleSources) -> Void
  ) {
    self.options = options
    self.board = board
    self.log = log
    self.wakeEngine = wakeEngine
    self.onChange = onChange
  }

  // MARK: Requests

  /// Reads the folder and tries it now, whether or not it has changed, and in spite of `.hold`.
  func reload() async -> ReloadOutcome { await want(.reload) }

  /// Goes back to the version that ran before.
  func rollback() async -> ReloadOutcome { await want(.rollback) }

  private func want(_ want: Want) async -> ReloadOutcome {
    await withCheckedContinuation { answer in
      let isOver = state.withLock { state in
        if !state.isOver { state.wants.append((want, answer)) }
        return state.isOver
      }
      if isOver { answer.resume(returning: Reloader.over) } else { bell.continuation.yield() }
    }
  }

  /// Changes a rule's file and has it run; nothing changes when something speaks against it.
  func change(_ change: RuleFileChange) async -> RuleChange {
    await withCheckedContinuation { answer in
      let refusal: String? = state.withLock { state in
        if state.isOver { return Reloader.overText }
        if state.changes.count >= Reloader.mostChanges { return "too many changes wait: try again later" }
        state.changes.append((change, answer))
        return nil
      }
      if let refusal {
        answer.resume(returning: .failed(refusal, running: board.version))
      } else {
        bell.continuation.yield()
      }
    }
  }

  /// Changes that wait while one is tried; a rule is up to 256 KiB.
  private static let mostChanges = 32

  /// Notes that the folder has changed.
  func notice() {
    state.withLock { $0.isNoticed = true }
    bell.continuation.yield()
  }

  private static let overText = "the run is over"
  private static let over = ReloadOutcome(kind: .rejected, version: "", previous: "", reason: overText)

  // MARK: The loop

  /// Works until it is cancelled; then everybody who still waits is told.
  ///
  /// `disk` is the version of the folder that was dealt with at the start.
  func run(_ running: RunningRules, disk: String) async {
    await withTaskCancellationHandler {
      await withDiscardingTaskGroup { group in
        if options.reload.watches {
          group.addTask {
            for await _ in FolderWatch.notices(of: self.options.rules, log: self.log) { self.notice() }
          }
        }
        var round = Round(self, running, disk)
        for await _ in bell.stream {
          if Task.isCancelled { break }
          await round.turn(&group)
        }
        group.cancelAll()
        round.finish()
      }
    } onCancel: {
      isCancelled.store(true, ordering: .relaxed)
      bell.continuation.finish()
    }
    end()
  }

  /// Tells everybody who still waits, and who asks from here on, that the run is over.
  func end() {
    let (wants, changes) = state.withLock { state in
      state.isOver = true
      defer { (state.wants, state.changes) = ([], []) }
      return (state.wants, state.changes)
    }
    for (_, answer) in wants { answer.resume(returning: Reloader.over) }
    for (_, answer) in changes {
      answer.resume(returning: .failed(Reloader.overText, running: board.version))
    }
  }

  /// What the loop knows; only its task has it.
  private struct Round {
    let reloader: Reloader
    var running: RunningRules
    var schedule: ReloadSchedule
    var answering: [CheckedContinuation<ReloadOutcome, Never>] = []
    var read: RuleFolder.Reading = .moved
    /// What the tests looked like when the folder was read.
    var tests = TestStamps()
    /// The version that was not taken, in whole or in part, and its tests.
    var refused: (version: String, tests: TestStamps)?

    init(_ reloader: Reloader, _ running: RunningRules, _ disk: String) {
      self.reloader = reloader
      self.running = running
      schedule = ReloadSchedule(running: disk, quiet: reloader.options.reload.quiet.nanoseconds)
    }

    /// Sees to everything that has come since the last turn.
    mutating func turn(_ group: inout DiscardingTaskGroup) async {
      let (isNoticed, wants) = reloader.state.withLock { state in
        defer { state.isNoticed = false; state.wants = [] }
        return (state.isNoticed, state.wants)
      }
      if isNoticed { await follow(schedule.noticed(MonotonicClock.now()), &group) }
      for (want, answer) in wants where want == .rollback {
        answer.resume(returning: await rollBack())
      }
      let reloads = wants.filter { $0.want == .reload }
      if !reloads.isEmpty {
        answering += reloads.map(\.answer)
        await follow(schedule.forced(), &group)
      }
      while let (change, answer) = reloader.nextChange() {
        answer.resume(returning: await self.change(change))
      }
      await follow(schedule.timer(MonotonicClock.now()), &group)
    }

    private mutating func follow(
      _ first: ReloadSchedule.Action, _ group: inout DiscardingTaskGroup
    ) async {
      var action = first
      while true {
        switch action {
        case .none: return
        case .wait(let until):
          let bell = reloader.bell.continuation
          group.addTask {
            let now = MonotonicClock.now()
            if until > now { try? await Task.sleep(for: .nanoseconds(Int64(clamping: until - now))) }
            bell.yield()
          }
          return
        case .read: action = await readFolder()
        case .reload:
          await tryFolder()
          action = schedule.finished()
        case .sayHeld:
          reloader.say("changes wait until \(reloader.options.rules)/\(RuleFileNames.hold) is removed")
          action = schedule.finished()
        case .sayUnreadable:
          await sayUnreadable()
          action = schedule.finished()
        }
      }
    }

    private mutating func readFolder() async -> ReloadSchedule.Action {
      let (folder, parameters) = (reloader.options.rules, reloader.options.parameters)
      let (reading, isHeld, tests) = await OwnThread.run {
        let tests = TestStamps.of(folder)
        return (RuleFolder.readStable(folder, parameters: parameters), RuleFolder.isHeld(folder), tests)
      }
      read = reading
      self.tests = tests
      // Who mends a test and not the rule wants the rule as well.
      if case .stable(let sources) = reading, let refused, refused.version == sources.version,
        refused.tests != tests, reloader.options.reload.isTested
      {
        schedule.forget()
      }
      let what: ReloadSchedule.Reading =
        switch reading {
        case .stable(let sources): .version(sources.version)
        case .moved: .moved
        case .unreadable(let failure): .unreadable(failure.description)
        }
      let isAsItRuns = what == .version(running.version)
      reloader.board.update { status in
        status.reload.isHeld = isHeld
        // Who puts the folder back to what runs has taken back what was refused.
        if isAsItRuns { status.reload.rejection = nil }
      }
      return schedule.read(what, running: running.version, isHeld: isHeld, MonotonicClock.now())
    }

    private mutating func tryFolder() async {
      guard case .stable(let sources) = read else { return }
      let outcome = await attempt(sources, isRollback: false)
      refused = outcome.problems.isEmpty ? nil : (sources.version, tests)
      answer(outcome)
    }

    private mutating func attempt(_ sources: RuleSources, isRollback: Bool) async -> ReloadOutcome {
      let attempt = reloader.attempt
      let running = running
      let disk = schedule.settled
      let result = await OwnThread.run(niceness: 10) {
        attempt.run(sources, over: running, rollbackFrom: isRollback ? disk : nil)
      }
      if let now = result.running {
        self.running = now
        reloader.onChange(now.sources)
      }
      reloader.say(result.outcome)
      return result.outcome
    }

    /// Tries what the folder holds with one file changed, and changes that file when nothing speaks against it.
    private mutating func change(_ change: RuleFileChange) async -> RuleChange {
      let (folder, parameters) = (reloader.options.rules, reloader.options.parameters)
      let (reading, isHeld) = await OwnThread.run {
        (RuleFolder.readWhenStable(folder, parameters: parameters), RuleFolder.isHeld(folder))
      }
      func stopped(_ kind: RuleChange.Kind, _ text: String) -> RuleChange {
        RuleChange(kind: kind, version: running.version, text: text)
      }
      let found: RuleSources
      switch reading {
      case .stable(let sources): found = sources
      case .moved: return stopped(.failed, "the rules folder keeps changing: try again later")
      case .unreadable(let failure): return stopped(.failed, failure.description)
      }
      if change.source == nil, change.before(in: found) == nil {
        return stopped(.missing, "there is no \(change.file) in the rules folder")
      }
      if isHeld {
        return stopped(
          .refused,
          "changes wait until \(RuleFileNames.hold) is removed from the rules folder: others make them")
      }
      let wanted = change.applied(to: found)
      if wanted.rules.isEmpty {
        return stopped(.refused, "\(change.rule) is the last rule, and there must be one")
      }
      let result = await attempt(wanted, with: PlannedChange(change, in: folder, holding: found))
      var answer = RuleChange(result, of: change, running: running.version)
      if result.outcome.kind == .running, found.version != result.outcome.previous {
        answer.warnings.append("what else the rules folder held and did not run came in with it")
      }
      return answer
    }

    private mutating func attempt(
      _ sources: RuleSources, with change: PlannedChange
    ) async -> ReloadAttempt.Result {
      let attempt = reloader.attempt
      let running = running
      let result = await OwnThread.run(niceness: 10) { attempt.run(sources, over: running, with: change) }
      if let now = result.running {
        self.running = now
        reloader.onChange(now.sources)
      }
      // The folder now holds this, which the watch will notice.
      if result.outcome.isDone { schedule.settle(sources.version) }
      if sources.version == self.running.version { reloader.board.update { $0.reload.rejection = nil } }
      if case .none = result.change, !result.outcome.isDone {
        reloader.log.warning("a change of \(change.change.file) was refused: \(result.outcome.why ?? "")")
      } else {
        reloader.say(result.outcome)
      }
      return result
    }

    private mutating func sayUnreadable() async {
      guard case .unreadable(let failure) = read else { return }
      answer(await refuse(failure.description))
    }

    /// Notes and says that nothing could be tried.
    private func refuse(_ reason: String) async -> ReloadOutcome {
      var outcome = ReloadOutcome(kind: .rejected, version: "", previous: running.version)
      outcome.reason = reason
      let attempt = reloader.attempt
      await OwnThread.run { [outcome] in attempt.note(outcome) }
      reloader.say(outcome)
      return outcome
    }

    private mutating func answer(_ outcome: ReloadOutcome) {
      for waiting in answering { waiting.resume(returning: outcome) }
      answering = []
    }

    private mutating func rollBack() async -> ReloadOutcome {
      let (path, current) = (reloader.options.journal, running.version)
      let found = await OwnThread.run { Result { try RollbackTarget.find(in: path, current: current) } }
      switch found {
      case .success(let sources): return await attempt(sources, isRollback: true)
      case .failure(let failure): return await refuse("\(failure)")
      }
    }

    /// Tells everybody who still waits that it is over.
    mutating func finish() { answer(Reloader.over) }
  }

  private func nextChange() -> (RuleFileChange, CheckedContinuation<RuleChange, Never>)? {
    state.withLock { $0.changes.isEmpty ? nil : $0.changes.removeFirst() }
  }

  private var attempt: ReloadAttempt {
    ReloadAttempt(
      journal: options.journal, board: board, wake: wakeEngine,
      tests: options.reload.isTested ? TestFolder(rules: options.rules) : nil,
      isPartial: options.reload.isPartial || options.engine.skipsBadRules,
      isOver: { self.isCancelled.load(ordering: .relaxed) })
  }

  // MARK: Saying it

  private func say(_ text: String) {
    board.update { $0.lastReload = text }
    log.info("\(text)")
  }

  private func say(_ outcome: ReloadOutcome) {
    board.update { $0.note(outcome) }
    for warning in outcome.warnings { log.warning("\(warning)") }
    log.log(level: outcome.isDone ? .info : .error, "\(outcome.text)")
  }
}

extension Duration {
  /// Whole nanoseconds, nought for a negative span.
  fileprivate var nanoseconds: UInt64 {
    let (seconds, attoseconds) = components
    return UInt64(clamping: seconds) &* 1_000_000_000 &+ UInt64(clamping: attoseconds / 1_000_000_000)
  }
}
