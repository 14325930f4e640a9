public import Broadcast
import Feeds
public import Journal
import RuleEngine
import Synchronization

/// What a server asks of the live run that it is beside.
public final class LiveHost: EngineHost {
  private let board: LiveBoard
  private let reloader: Reloader
  private let disk: DiskLook
  private let wakeEngine: @Sendable () -> Void
  /// What sends to webhooks, once there is one.
  private let sender = Mutex<WebhookSender?>(nil)

  private static let over = "the run is over"

  init(
    _ options: LiveOptions, _ board: LiveBoard, _ reloader: Reloader,
    wakeEngine: @escaping @Sendable () -> Void
  ) {
    self.board = board
    self.reloader = reloader
    self.wakeEngine = wakeEngine
    disk = DiskLook(options)
  }

  // MARK: Where it stands

  /// What `status json` prints; the rules folder is looked at once a second at most.
  public func statusJSON() async -> [UInt8] {
    let disk = await disk.version(running: board.version)
    var status = board.snapshot
    status.reload.diskVersion = disk
    return Array(status.json.utf8)
  }

  /// The rules that run, in order, and the version of the set.
  public func rules() async -> (version: String, rules: [RuleStanding]) {
    let (version, totals) = board.rules
    return (version, totals.map { RuleStanding($0) })
  }

  /// Why the run cannot do its work at the moment; empty when it can.
  public func troubles() async -> [String] {
    if board.isOver { return [LiveHost.over] }
    let status = board.snapshot
    if status.version.isEmpty { return ["the engine has not started yet"] }
    var troubles: [String] = []
    if let trouble = status.diskTrouble { troubles.append("nothing can be stored: \(trouble)") }
    troubles += status.feeds.filter { $0.state == .failed }.map { "feed \($0.name) failed: \($0.lastError)" }
    return troubles
  }

  /// Why nothing can be changed just now; the run would answer only once the disk is well again.
  private var obstacle: String? {
    if board.isOver { return LiveHost.over }
    return board.diskTrouble.map { "nothing can be stored: \($0)" }
  }

  // MARK: Rules

  /// Reads the rules folder again, in spite of `.hold`, as `betterbot reload` does.
  public func reload() async -> RuleChange {
    if let obstacle { return .failed(obstacle, running: board.version) }
    let outcome = await reloader.reload()
    return RuleChange(outcome, running: board.version)
  }

  /// Puts a file into the rules folder, and runs it; nothing changes when there is something against it.
  ///
  /// What it must pass is what a reload asks of the folder with this file in it. Refused while `.hold` is there.
  public func put(rule id: String, source: [UInt8]) async -> RuleChange {
    if source.count > RuleChange.longestSource {
      return refused(
        id, "a rule has \(RuleChange.longestSource) bytes at most, and this one \(source.count): shorten it")
    }
    if source.contains(0) { return refused(id, "there is a NUL in it, and a rule is text") }
    if String(validating: source, as: UTF8.self) == nil {
      return refused(id, "it is not UTF-8: save it as that")
    }
    return await change(RuleFileChange(rule: id, source: source))
  }

  /// Takes a rule's file out of the folder; its state is kept for a day.
  public func remove(rule id: String) async -> RuleChange {
    await change(RuleFileChange(rule: id, source: nil))
  }

  private func change(_ change: RuleFileChange) async -> RuleChange {
    guard RuleSources.isRuleID(change.rule) else {
      return RuleChange(
        kind: .refused, version: board.version,
        text:
          "'\(LiveHost.shown(change.rule))' is no rule's id: a lower-case letter, then letters, digits and _, "
          + "at most 64")
    }
    if let obstacle { return .failed(obstacle, running: board.version) }
    return await reloader.change(change)
  }

  private func refused(_ id: String, _ message: String) -> RuleChange {
    let name = LiveHost.shown(id)
    var change = RuleChange(
      kind: .refused, version: board.version, text: "nothing has changed: \(name).lua: \(message)")
    change.problems = [RuleChange.Problem(rule: name, file: name + ".lua", line: 0, message: message)]
    return change
  }

  /// The beginning of a name from outside, made safe to show.
  private static func shown(_ name: String) -> String { TerminalText.line(String(name.prefix(64))) }

  /// Calls a rule again that was put away after too many failures; the journal then knows it.
  public func resume(rule id: String) async -> RuleChange {
    if let obstacle { return .failed(obstacle, running: board.version) }
    let outcome = await withCheckedContinuation { answer in
      board.ask(.resume(id) { answer.resume(returning: $0) })
      wakeEngine()
    }
    let version = board.version
    let name = LiveHost.shown(id)
    return switch outcome {
    case .done: RuleChange(kind: .done, version: version, text: "rule \(name) is called again")
    case .unchanged: RuleChange(kind: .unchanged, version: version, text: "rule \(name) is not quarantined")
    case .missing: RuleChange(kind: .missing, version: version, text: "there is no rule \(name)")
    case .refused(let problem): stuck(problem, version)
    case .over: .failed(LiveHost.over, running: version)
    }
  }

  private func stuck(_ problem: RuleProblem, _ version: String) -> RuleChange {
    var change = RuleChange(
      kind: .refused, version: version,
      text: "rule \(problem.rule) stays in quarantine, since its state cannot be kept: \(problem)")
    change.problems = [
      RuleChange.Problem(
        rule: problem.rule, file: problem.file, line: problem.line, message: problem.message)
    ]
    return change
  }

  // MARK: Webhooks

  /// Has these webhooks served from here on.
  func attach(_ new: WebhookSender) { sender.withLock { $0 = new } }

  /// The webhooks, or what is to be sent again, have changed.
  public func webhooksChanged() { sender.withLock { $0 }?.noticeChange() }

  // MARK: The journal

  /// Writes into the journal, in a transaction of its own, and returns when it is committed.
  public func edit(_ body: @escaping @Sendable (Journal) throws(JournalError) -> Void)
    async throws(EditFailure)
  {
    if board.isOver { throw EditFailure(LiveHost.over, isTransient: false) }
    if let obstacle { throw EditFailure(obstacle, isTransient: true) }
    let outcome = await withCheckedContinuation { answer in
      board.ask(.edit(body) { answer.resume(returning: $0) })
      wakeEngine()
    }
    switch outcome {
    case .done: return
    case .failed(let error): throw EditFailure(error.description, isTransient: error.isTransientDisk)
    case .over: throw EditFailure(LiveHost.over, isTransient: false)
    }
  }
}

extension RuleStanding {
  /// What the engine counts of a rule.
  init(_ totals: RuleTotals) {
    self.init(id: totals.rule)
    isQuarantined = totals.isQuarantined
    warmingUntil = totals.warmingUntil
    calls = totals.calls
    signals = totals.signals
    errors = totals.errors
    kills = totals.kills
    nanoseconds = totals.nanoseconds
    memoryPeak = totals.memoryPeak
    tooLate = totals.tooLate
    droppedGroups = totals.droppedGroups
  }
}
