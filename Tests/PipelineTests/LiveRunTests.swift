import Feeds
import Glibc
import Journal
import Logging
import OrderFlow
import Simulator
import Synchronization
import RuleEngine
import Testing

@testable import Pipeline

/// Whole runs in this process, against a venue on a port of its own.
@Suite(.serialized, .timeLimit(.minutes(3))) struct LiveRunTests {
  // MARK: Streams

  @Test(
    "whatever ends a stream, the stretch is a gap, is filled, and nothing is lost",
    arguments: [Fault.freeze, .expire, .drop, .cut, .refuse])
  func lost(fault: Fault) async throws {
    let trial = try LiveTrial()
    let venue = try await LiveTrial.venue(800, rate: 400)
    let status = try await trial.run([LiveTrial.feed(venue)]) { run in
      try await LiveTrial.until("the flow begins") { run.status.orders > 100 }
      venue.inject(fault)
      try await LiveTrial.until("every order is there, and the gap noticed") {
        run.status.feeds[0].gaps >= 1 && run.status.orders >= UInt64(venue.status().total)
      }
      try await LiveTrial.until("a gap is filled") {
        try trial.count("SELECT count(*) FROM gaps WHERE source = 'venue' AND backfilled = 1") >= 2
      }
    }
    await venue.stop()
    try trial.expectComplete(venue)
    let feed = status.feeds[0]
    let wasSilent = fault == .freeze || fault == .expire
    #expect(wasSilent ? feed.resubscriptions >= 1 : feed.reconnects >= 1)
    #expect(feed.backfilled > 0)
  }

  @Test("a run that is stopped and begun again goes on: nothing lost, nothing twice, no signal twice")
  func restart() async throws {
    let trial = try LiveTrial()
    let venue = try await LiveTrial.venue(1_200, rate: 400)
    var orders: UInt64 = 0
    for part in 1...3 {
      let before = orders
      let status = try await trial.run([LiveTrial.feed(venue)]) { run in
        try await LiveTrial.until("part \(part) brings orders") {
          let total = venue.status().total
          if part < 3 { return run.status.orders >= 150 }
          return venue.status().isFinished && before + run.status.orders >= UInt64(total)
        }
      }
      orders += status.orders
      #expect(status.queued == 0)
    }
    await venue.stop()
    #expect(orders == UInt64(venue.status().total))
    try trial.expectComplete(venue)
    let stored = try trial.count("SELECT count(*) FROM signals")
    let shown = trial.signals.withLock { $0.map(\.id) }
    #expect(shown.count == stored && Set(shown).count == stored)
  }

  @Test("stopping commits everything that was received, and the journal is closed when the run returns")
  func stop() async throws {
    let trial = try LiveTrial(["every": TestRules.folding])
    let path = try trial.workspace.write(Line.flow(20_000).text, to: "flow.jsonl")
    let status = try await trial.run([LiveTrial.file(path) { $0.loops = true }]) { run in
      try await LiveTrial.until("orders are stored") { run.status.orders > 3_000 }
    }
    // Fails when another still has it.
    try Journal(path: trial.journal, durability: .normal).close()
    #expect(status.queued == 0)
    #expect(try trial.count("SELECT count(*) FROM events") == Int(status.orders))
  }

  @Test("a recording that ends, ends the run, with everything stored")
  func ends() async throws {
    let trial = try LiveTrial()
    let path = try trial.workspace.write(Line.flow(5_000).text, to: "flow.jsonl")
    try await trial.run([LiveTrial.file(path)]) { run in
      try await LiveTrial.until("the feed is finished") { run.status.feeds[0].state == .finished }
    }
    #expect(try trial.count("SELECT count(*) FROM events") == 5_000)
  }

  @Test("a run whose task is cancelled still commits what waits")
  func cancelled() async throws {
    let trial = try LiveTrial()
    let path = try trial.workspace.write(Line.flow(20_000).text, to: "flow.jsonl")
    let options = LiveOptions(
      journal: trial.journal, rules: trial.workspace.file("rules"),
      feeds: [LiveTrial.file(path) { $0.loops = true }])
    let run = LiveRun(options, log: Logger(label: "test"))
    let task = Task { try await run.run() }
    try await LiveTrial.until("orders are stored") { run.status.orders > 1_000 }
    task.cancel()
    try await task.value
    try Journal(path: trial.journal, durability: .normal).close()
    #expect(try trial.count("SELECT count(*) FROM events") == Int(run.status.orders))
  }

  @Test("the same orders from two feeds count once, each names the feed that brought it first")
  func twoFeeds() async throws {
    let trial = try LiveTrial()
    let venue = try await LiveTrial.venue(600, rate: 400)
    let feeds = [LiveTrial.feed(venue, "one"), LiveTrial.feed(venue, "two")]
    let status = try await trial.run(feeds) { run in
      try await LiveTrial.until("every order is there") { run.status.orders >= UInt64(venue.status().total) }
      try await LiveTrial.until("both feeds are audited") {
        run.status.feeds.allSatisfy { $0.audited != nil }
      }
    }
    #expect(status.duplicates > 0)
    await venue.stop()
    try trial.expectComplete(venue)
    #expect(status.feeds[0].orders + status.feeds[1].orders == UInt64(venue.status().total))
    #expect(
      try trial.count("SELECT count(*) FROM events WHERE source IS NULL OR source NOT IN ('one', 'two')") == 0
    )
  }

  // MARK: Watch list and rules

  private static let labelled = """
    local R = rule { title = "labelled" }
    function R.on_order(o)
      if o.label then signal { title = o.label } end
    end
    return R
    """

  @Test("a wallet that is put on the list is subscribed to and labelled, without a restart or a lost order")
  func watchList() async throws {
    let trial = try LiveTrial(["labelled": Self.labelled])
    try trial.workspace.write("wallet,label\n0xaa,first\n", to: "rules/tables/wallets.csv")
    let flow = Line.flow(4) { line, number in line.user = ["0xaa", "0xbb"][number % 2] }
    let path = try trial.workspace.write(flow.text, to: "flow.jsonl")
    let venue = try await LiveTrial.venue(1, rate: 100) { options in
      options.source = .file(path)
      options.loops = true
    }
    func titles() -> Set<String> {
      trial.signals.withLock { Set($0.filter { $0.rule == "labelled" }.map(\.title)) }
    }
    let feed = LiveTrial.feed(venue) { $0.filter = .watchList }
    try await trial.run([feed]) { run in
      try await LiveTrial.until("the first wallet has signals") { titles().contains("first") }
      #expect(titles() == ["first"])
      let before = run.status.version
      try trial.workspace.write("wallet,label\n0xaa,first\n0xbb,second\n", to: "rules/tables/wallets.csv")
      try await LiveTrial.until("the second wallet has signals") { titles().contains("second") }
      try await LiveTrial.until("the new version is shown") {
        run.status.version != before && run.status.lastReload.contains("1 rule runs now")
      }
      try trial.workspace.write("wallet,label\nnonsense\n", to: "rules/tables/wallets.csv")
      try await LiveTrial.until("the broken list is said") { run.status.lastReload.contains("wallets.csv:2") }
      #expect(run.status.feeds[0].reconnects == 0)
    }
    await venue.stop()
  }

  // MARK: A full disk

  /// Whether this machine lets us mount a small disk.
  static let canMount: Bool = {
    guard geteuid() == 0, let workspace = try? Workspace() else { return false }
    let folder = workspace.file("d")
    mkdir(folder, 0o755)
    guard mount("none", folder, "tmpfs", 0, "size=1m") == 0 else { return false }
    return umount(folder) == 0
  }()

  @Test(
    "a full disk stops intake and says so; with room again it goes on by itself, and nothing is lost",
    .enabled(if: canMount, "skipped: mounting a small disk needs root"))
  func fullDisk() async throws {
    let trial = try LiveTrial(["every": TestRules.folding])
    let disk = trial.workspace.file("disk")
    mkdir(disk, 0o755)
    try #require(mount("none", disk, "tmpfs", 0, "size=3m") == 0)
    defer { umount2(disk, Int32(MNT_DETACH)) }
    let path = try trial.workspace.write(Line.flow(12_000).text, to: "flow.jsonl")
    let journal = disk + "/my.db"
    let change: (inout LiveOptions) -> Void = { options in
      options.journal = journal
      options.queueLimit = 4
    }
    let status = try await trial.run([LiveTrial.file(path)], change) { run in
      try await LiveTrial.until("the disk is full") { run.status.diskTrouble != nil }
      let stuck = run.status
      #expect(stuck.diskTrouble?.contains("disk is full") == true)
      try await LiveTrial.until("the feed waits") { run.status.queued >= 4 }
      #expect(run.status.orders == stuck.orders)
      try #require(mount("none", disk, "tmpfs", UInt(MS_REMOUNT), "size=100m") == 0)
      try await LiveTrial.until("everything is stored") { run.status.orders == 12_000 }
      #expect(run.status.diskTrouble == nil)
    }
    #expect(status.orders == 12_000)
    let database = try Database(journal)
    #expect(try database.count("SELECT count(*) FROM events") == 12_000)
    #expect(try database.text("PRAGMA integrity_check") == "ok")
    let shown = trial.signals.withLock { $0.map(\.id) }
    #expect(
      try database.count("SELECT count(*) FROM signals") == shown.count && Set(shown).count == shown.count)
  }
}
