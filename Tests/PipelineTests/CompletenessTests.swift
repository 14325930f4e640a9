import COrderFlow
import Feeds
import Glibc
import Journal
import Logging
import OrderFlow
import RuleEngine
import Simulator
import Synchronization
import Testing
import Wire

@testable import Pipeline

/// Nothing lost and nothing twice, whatever goes wrong on the way from the venue.
///
/// `make soak` runs it at full size: `BETTERBOT_SOAK=200000` orders, with at least 500 faults.
@Suite("Completeness", .serialized)
struct CompletenessTests {
  private static let orders = getenv("BETTERBOT_SOAK").flatMap { Int(String(cString: $0)) } ?? 10_000
  private static let faults = max(24, orders / 380)

  @Test(
    "what the venue sent is in the journal, each order once, and the signals are those of a plain replay",
    arguments: ["dome", "polymarket"])
  func complete(protocolName: String) async throws {
    let workspace = try Workspace()
    var options = SimulatorOptions(source: .generated(Self.orders))
    options.seed = protocolName == "dome" ? 11 : 12
    // Slow enough that the stream is up for a part of the time in spite of so many faults.
    options.speed = .rate(1_000)
    options.twinRate = 0.0005
    options.faults = try FaultCounts(parsing: "\(Self.faults)")
    options.duplicateRate = 0.01
    options.reorderRate = 0.01
    options.restErrorRate = 0.05
    let simulator = try await Simulator.start(options)
    let live = Self.liveOptions(workspace, simulator.port, protocolName)
    let shown = Mutex<[Signal]>([])
    var log = Logger(label: "test")
    log.logLevel = .critical
    let run = LiveRun(live { signals in shown.withLock { $0 += signals } }, log: log)
    try await Self.hold(
      run,
      until: { status in
        let venue = simulator.status()
        return venue.isFinished && status.orders >= UInt64(venue.total)
      })
    let venue = simulator.status()
    await simulator.stop()
    Self.report(protocolName, run.status, venue)

    let sent = try Self.identities(ofRows: simulator.sentOrders())
    let stored = try Self.stored(workspace.file("live.db"))
    #expect(sent.count == venue.total)
    #expect(stored.identities.count == stored.count, "an order is stored twice")
    #expect(stored.identities.subtracting(sent).count == 0, "orders that the venue never sent")
    #expect(sent.subtracting(stored.identities).count == 0, "orders that were lost")
    #expect(venue.faults.values.reduce(0, +) >= Self.faults)

    let replayed = try JournalReplay.signals(
      of: workspace.file("live.db"),
      through: Engine(RuleFolder.read(live { _ in }.rules, parameters: Self.parameters)))
    let kept = try Self.signals(workspace.file("live.db"))
    #expect(kept.map(Self.plain) == replayed.map(Self.plain))
    #expect(shown.withLock { $0.map(\.id) } == kept.map(\.id))
  }

  // MARK: The run

  private static func liveOptions(
    _ workspace: Workspace, _ port: Int, _ protocolName: String
  ) -> (@escaping @Sendable ([Signal]) -> Void) -> LiveOptions {
    let base = "127.0.0.1:\(port)"
    var reconnect = ReconnectSettings()
    reconnect.first = .milliseconds(20)
    reconnect.longest = .milliseconds(500)
    var recovery = RecoverySettings(url: "http://\(base)", requestsPerSecond: 200)
    recovery.auditEvery = .seconds(1)
    recovery.margin = .seconds(3)
    recovery.overlap = .seconds(5)
    let kind: FeedSettings.Kind
    if protocolName == "dome" {
      var settings = DomeSettings(url: "ws://\(base)", restURL: nil)
      settings.recovery = recovery
      settings.reconnect = reconnect
      settings.silence = .milliseconds(300)
      kind = .dome(settings)
    } else {
      var settings = PolymarketSettings()
      settings.url = "ws://\(base)"
      settings.recovery = recovery
      settings.reconnect = reconnect
      settings.silence = .milliseconds(300)
      kind = .polymarket(settings)
    }
    let rules = TestRules.shipped
    let feed = FeedSettings(name: "venue", kind: kind)
    let journal = workspace.file("live.db")
    return { sink in
      var options = LiveOptions(journal: journal, rules: rules, feeds: [feed])
      options.durability = .normal
      options.parameters = CompletenessTests.parameters
      options.sink = { sink($0.map(\.signal)) }
      return options
    }
  }

  /// Low thresholds, so that there are many signals.
  private static let parameters = [
    "whale_order": ["min_usd": "500"], "wallet_velocity": ["over_usd": "1000"],
    "whale_cluster": ["min_usd": "300"],
    "sweep": ["min_usd": "1000", "min_fills": "3", "min_move": "0.01"],
  ]

  private static func hold(
    _ run: LiveRun, until isDone: @escaping @Sendable (LiveStatus) -> Bool
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await run.run() }
      group.addTask {
        // Up to ten minutes: what is awaited comes much sooner, or never.
        for _ in 0..<6_000 where !isDone(run.status) { try await Task.sleep(for: .milliseconds(100)) }
        run.stop()
      }
      // A run that fails ends the waiting too.
      while try await group.next() != nil {}
    }
  }

  private static func report(_ name: String, _ status: LiveStatus, _ venue: SimulatorStatus) {
    guard let feed = status.feeds.first else { return }
    print(
      """
      \(name): \(venue.total) orders, \(venue.faults.values.reduce(0, +)) faults; \(feed.reconnects) reconnects, \
      \(feed.resubscriptions) resubscriptions, \(feed.gaps) gaps, \(feed.backfilled) backfilled, \
      \(feed.auditFound) found by the audit, \(feed.twins) twins, \(feed.duplicates) duplicates, \
      \(feed.restRequests) REST requests, \(feed.restErrors) failed, worst lag \(feed.worstRestLag) ms, \
      \(status.signals) signals
      """)
  }

  // MARK: What was sent and stored

  /// The identity of every order that a venue says it sent; twins are told apart by their place in the chain.
  private static func identities(ofRows rows: [UInt8]) throws -> Set<Digest128> {
    let engine = try Engine(RuleSources(rules: []))
    var scanner = OrderScanner()
    rows.withUnsafeBytes { scanner.append($0) }
    scanner.finish()
    var batch = OrderBatch()
    var output = EngineOutput()
    var result: Set<Digest128> = []
    var isOver = false
    while !isOver {
      isOver = scanner.next(into: &batch) == .end
      engine.process(batch.orders, into: &output)
      for order in batch.orders.prefix(output.orderCount) {
        withUnsafePointer(to: order) { _ = result.insert(Identity.of($0)) }
      }
    }
    return result
  }

  private static func stored(_ path: String) throws -> (identities: Set<Digest128>, count: Int) {
    var identities: Set<Digest128> = []
    var count = 0
    try JournalReader(path: path).orders { order in
      identities.insert(Identity.of(order))
      count += 1
    }
    return (identities, count)
  }

  private static func signals(_ path: String) throws -> [Signal] {
    var signals: [Signal] = []
    try JournalReader(path: path).signals { signals.append($0.signal) }
    return signals
  }

  /// A signal without what a live run may know otherwise: whether its order was late, and numbers of events,
  /// among which are ticks.
  private static func plain(_ signal: Signal) -> String {
    "\(signal.id.hex) \(signal.rule) \(signal.time) \(signal.severity.name) \(signal.title) \(signal.foldCount)"
      + signal.marks
  }
}
