import Feeds
import Journal
import Logging
import OrderFlow
import RuleEngine

/// Brings a journal and an engine to where the last run ended. On the engine's thread.
struct LiveStart {
  /// What a run begins with.
  struct Prepared {
    var engine: Engine
    var journal: Journal
    var sources: [LiveSource]
    var histories: [FeedHistory]
    /// The rules as the first reload must know them.
    var running: RunningRules
    /// The version of the folder that is dealt with.
    var settled: String
  }

  private let options: LiveOptions
  private let log: Logger

  init(_ options: LiveOptions, _ log: Logger) {
    self.options = options
    self.log = log
  }

  /// Opens the journal, loads the rules, and rebuilds windows and state from what is stored.
  ///
  /// `disk` is what the rules folder holds. An earlier version goes on running when the last run returned to it
  /// from just that; the last one does while `.hold` is there.
  func prepare(_ disk: RuleSources, _ board: LiveBoard) throws -> Prepared {
    let journal = try Journal(
      path: options.journal, durability: options.durability, checkpoints: .background)
    let standing = try RollbackTarget.standing(journal, disk: disk.version)
    // Who holds changes back has not finished them.
    let held =
      standing == nil && RuleFolder.isHeld(options.rules)
      ? try RollbackTarget.last(journal, unless: disk.version) : nil
    let sources = standing ?? held ?? disk
    let engine = try makeEngine(sources, journal, isChecked: standing == nil && held == nil)
    for problem in engine.skipped { log.error("left out: \(options.rules)/\(problem)") }
    if !engine.skipped.isEmpty {
      let problems = engine.skipped.map { "left out: \($0)" }
      board.update {
        $0.reload.rejection = ReloadStatus.Rejection(version: engine.version, problems: problems)
      }
    }
    var histories: [FeedHistory] = []
    for feed in board.feeds {
      try journal.registerSource(number: feed.source, name: feed.name)
      histories.append(try LiveStart.history(of: feed.name, journal))
    }
    let began = MonotonicClock.now()
    let store = LiveStore(journal: journal, names: board.feeds.map(\.name))
    do {
      for problem in try store.rebuild(engine) { log.error("\(problem); its state begins anew") }
    } catch let refusal as Engine.Refusal {
      throw LiveRun.Refusal.rules(refusal.problems)
    }
    if journal.lastSeq() > 0 {
      log.info(
        "went on behind event \(journal.lastSeq()), rebuilt in \((MonotonicClock.now() - began) / 1_000_000) ms"
      )
    }
    if held != nil {
      log.warning("rule set \(engine.version) runs as it did before: changes wait until .hold is removed")
    }
    if standing != nil {
      log.warning(
        "rule set \(engine.version) runs as it did before; \(disk.version) on the disk was rolled back")
    }
    try note(engine, sources, standing == nil ? nil : disk.version, journal)
    let run = EventTime.text(WallClock.now())
    let scanners = board.feeds.map { LiveSource(board: $0, name: "\($0.name), run of \(run)") }
    return Prepared(
      engine: engine, journal: journal, sources: scanners, histories: histories,
      running: RunningRules(sources: sources, outline: engine.outline),
      settled: held == nil ? disk.version : engine.version)
  }

  /// An engine with the rules; `isChecked`: the parser and the lint have a say as well.
  private func makeEngine(
    _ sources: RuleSources, _ journal: Journal, isChecked: Bool
  ) throws -> Engine {
    var engineOptions = options.engine
    engineOptions.kills = Set(
      try journal.kills(after: 0).map { Kill(rule: $0.rule, hook: $0.hook, seq: $0.seq) })
    do throws(Engine.Refusal) {
      // With --skip-bad only what does not load is left out.
      let isStrict = isChecked && !options.engine.skipsBadRules
      let check = isStrict ? RuleCheck(sources) : nil
      try check?.parse()
      let engine = try Engine(sources, options: engineOptions)
      for warning in try check?.lint() ?? [] { log.warning("\(warning)") }
      return engine
    } catch {
      throw LiveRun.Refusal.rules(error.problems)
    }
  }

  /// Keeps the version that begins to run, in a transaction of its own; it is no change that a signal tells of.
  private func note(
    _ engine: Engine, _ sources: RuleSources, _ rolledBack: String?, _ journal: Journal
  ) throws(JournalError) {
    var outcome = ReloadOutcome(
      kind: rolledBack == nil ? .started : .rolledBack, version: engine.version, previous: rolledBack ?? "")
    outcome.ruleCount = engine.rules.count
    outcome.disk = rolledBack
    var entry = ReloadEntry(outcome: outcome, seq: journal.lastSeq(), time: 0, createdAt: WallClock.now())
    // A rule that does not load for now is not one that was removed.
    entry.running = engine.rules + engine.skipped.map(\.rule)
    entry.files = sources.kept
    try entry.write(to: journal)
    try journal.commit()
  }

  /// Where a feed stood when the last run ended. Without an audit its oldest open gap is as far as it is complete.
  private static func history(of feed: String, _ journal: Journal) throws(JournalError) -> FeedHistory {
    var audited = try journal.audited(source: feed)
    if audited == nil { audited = try journal.openGaps(source: feed).first?.from }
    return FeedHistory(audited: audited, newestStored: try journal.newestEventTime(source: feed))
  }
}
