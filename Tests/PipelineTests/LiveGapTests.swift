import COrderFlow
import Feeds
import Journal
import OrderFlow
import RuleEngine
import Simulator
import Synchronization
import Testing

@testable import Pipeline

/// Gaps as rules see them in whole runs, against a venue on a port of its own.
@Suite("Gaps in a live run", .serialized, .timeLimit(.minutes(3))) struct LiveGapTests {
  private static let rule = """
    local R = rule { title = "gaps", windows = {
      all = window.sliding { by = { "venue" }, span = "7d", agg = { n = count() } } } }
    function R.on_order(o, w)
      if o.seq % 5 == 0 then signal { title = "order " .. o.seq } end
    end
    function R.on_gap(g, w)
      signal { title = ("%s %d %d %s"):format(g.source, g.from, g.to, g.backfilled and "filled" or "open") }
    end
    return R
    """

  private func signals(_ trial: LiveTrial) throws -> [Signal] {
    var signals: [Signal] = []
    try JournalReader(path: trial.journal).signals { signals.append($0.signal) }
    return signals
  }

  /// The gaps of the journal in their order, and the numbers of events at which one was open.
  private func gaps(_ trial: LiveTrial) throws -> (told: [GapRecord], open: Set<Int64>) {
    var told: [GapRecord] = []
    var known: Set<Int64> = []
    var open: Set<Int64> = []
    try JournalReader(path: trial.journal).readBack(batch: 100) { batch in
      switch batch {
      case .orders(let orders): if !known.isEmpty { open.formUnion(orders.map(\.seq)) }
      case .tick(let seq, _): if !known.isEmpty { open.insert(seq) }
      case .gap(let seq, let gap):
        told.append(gap)
        if gap.backfilled {
          known = known.filter { $0 > gap.to }
        } else {
          known.insert(gap.from)
        }
        if !known.isEmpty { open.insert(seq) }
      }
    }
    return (told, open)
  }

  /// Waits for as many reports of filled gaps.
  private func untilFilled(_ count: Int, _ trial: LiveTrial, _ run: LiveRun) async throws {
    try await LiveTrial.until("orders come") { run.status.orders > 0 }
    try await LiveTrial.until("\(count) gaps are filled") {
      try trial.count("SELECT count(*) FROM gap_events WHERE backfilled = 1") >= count
    }
  }

  private func expectTrue(_ trial: LiveTrial) throws {
    let kept = try signals(trial)
    let (told, open) = try gaps(trial)
    let titles = told.map { "\($0.source) \($0.from) \($0.to) \($0.backfilled ? "filled" : "open")" }
    #expect(kept.filter { !$0.hasOrder }.map(\.title) == titles)
    for signal in kept {
      #expect(signal.dataGap == open.contains(signal.seq), "\(signal.seq) \(signal.title)")
    }
    #expect(kept.contains { $0.dataGap && $0.hasOrder } && kept.contains { !$0.dataGap && $0.hasOrder })
    let engine = try Engine(RuleFolder.read(trial.workspace.file("rules"), parameters: [:]))
    #expect(try JournalReplay.signals(of: trial.journal, through: engine) == kept)
    #expect(trial.signals.withLock { $0.map(\.id) } == kept.map(\.id))
  }

  @Test("a dropped connection is told as open, then as filled, and the signals in between say so")
  func dropped() async throws {
    let trial = try LiveTrial(["gaps": Self.rule])
    let venue = try await LiveTrial.venue(8_000, rate: 400)
    try await trial.run([LiveTrial.feed(venue)]) { run in
      try await untilFilled(1, trial, run)
      venue.inject(.drop)
      try await LiveTrial.until("the gap is noticed") { run.status.feeds[0].gaps >= 1 }
      try await untilFilled(2, trial, run)
      let orders = run.status.orders
      try await LiveTrial.until("it goes on") { run.status.orders > orders + 50 }
    }
    await venue.stop()
    try expectTrue(trial)
    let told = try gaps(trial).told
    let filled = try #require(told.last { $0.backfilled })
    let same = told.filter { $0.from == filled.from }
    #expect(same.first?.backfilled == false && same.first?.to == filled.from)
    #expect(same.last == filled && filled.to > filled.from)
  }

  @Test("what was lost between two runs is told by the second, and a replay says what both said")
  func restarted() async throws {
    let trial = try LiveTrial(["gaps": Self.rule])
    let venue = try await LiveTrial.venue(8_000, rate: 400)
    for part in 1...3 {
      try await trial.run([LiveTrial.feed(venue)]) { run in
        // The second run ends while its gap is open.
        if part == 2 {
          return try await LiveTrial.until("orders come") { run.status.orders > 20 }
        }
        try await untilFilled(part == 1 ? 1 : 2, trial, run)
        let orders = run.status.orders
        try await LiveTrial.until("it goes on") { run.status.orders > orders + 50 }
      }
    }
    await venue.stop()
    try expectTrue(trial)
  }
}
