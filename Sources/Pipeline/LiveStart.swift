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
  }

  private let options: LiveOptions
  private let log: Logger

  init(_ options: LiveOptions, _ log: Logger) {
    self.options = options
    self.log = log
  }

  /// Opens the journal, loads the rules, and rebuilds windows and state from what is stored.
  func prepare(_ sources: RuleSources, _ board: LiveBoard) throws -> Prepared {
    let journal = try Journal(
      path: options.journal, durability: options.durability, checkpoints: .background)
    var engineOptions = options.engine
    engineOptions.kills = Set(
      try journal.kills(after: 0).map { Kill(rule: $0.rule, hook: $0.hook, seq: $0.seq) })
    let engine: Engine
    do throws(Engine.Refusal) {
      engine = try Engine(sources, options: engineOptions)
    } catch {
      throw LiveRun.Refusal.rules(error.problems)
    }
    for problem in engine.skipped { log.error("left out: \(options.rules)/\(problem)") }
    var histories: [FeedHistory] = []
    for feed in board.feeds {
      try journal.registerSource(number: feed.source, name: feed.name)
      histories.append(try LiveStart.history(of: feed.name, journal))
    }
    let began = MonotonicClock.now()
    let store = LiveStore(journal: journal, names: board.feeds.map(\.name))
    for problem in try store.rebuild(engine) { log.error("\(problem); its state begins anew") }
    if journal.lastSeq() > 0 {
      log.info(
        "went on behind event \(journal.lastSeq()), rebuilt in \((MonotonicClock.now() - began) / 1_000_000) ms"
      )
    }
    try journal.recordVersion(
      VersionRecord(
        version: engine.version, firstSeq: journal.lastSeq() + 1, createdMilliseconds: WallClock.now(),
        outcome: "running", ruleCount: Int64(engine.rules.count), reason: nil))
    try journal.commit()
    let run = EventTime.text(WallClock.now())
    let scanners = board.feeds.map { LiveSource(board: $0, name: "\($0.name), run of \(run)") }
    return Prepared(engine: engine, journal: journal, sources: scanners, histories: histories)
  }

  /// Where a feed stood when the last run ended. Without an audit its oldest open gap is as far as it is complete.
  private static func history(of feed: String, _ journal: Journal) throws(JournalError) -> FeedHistory {
    var audited = try journal.audited(source: feed)
    if audited == nil { audited = try journal.openGaps(source: feed).first?.from }
    return FeedHistory(audited: audited, newestStored: try journal.newestEventTime(source: feed))
  }
}
