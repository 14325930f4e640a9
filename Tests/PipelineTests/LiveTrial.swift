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

/// A folder with rules and a journal, and live runs over them.
final class LiveTrial: Sendable {
  let workspace: Workspace
  /// What the runs handed on, in order.
  let signals = Mutex<[Signal]>([])

  var journal: String { workspace.file("live.db") }

  init(_ rules: [String: String] = ["big": TestRules.big]) throws {
    workspace = try Workspace()
    for (name, text) in rules { try workspace.write(text, to: "rules/\(name).lua") }
  }

  /// A venue that sends so many orders at so many a second, and whose REST lags a little.
  static func venue(
    _ orders: Int, rate: Double, _ change: (inout SimulatorOptions) -> Void = { _ in }
  ) async throws -> Simulator {
    var options = SimulatorOptions(source: .generated(orders))
    options.speed = .rate(rate)
    options.restLag = .milliseconds(200)
    change(&options)
    return try await Simulator.start(options)
  }

  /// A Dome feed of that venue that notices and mends everything in no time.
  static func feed(
    _ simulator: Simulator, _ name: String = "venue", _ change: (inout DomeSettings) -> Void = { _ in }
  ) -> FeedSettings {
    let base = "127.0.0.1:\(simulator.port)"
    var settings = DomeSettings(url: "ws://\(base)", restURL: nil)
    settings.recovery = RecoverySettings(url: "http://\(base)", requestsPerSecond: 100)
    settings.recovery.auditEvery = .milliseconds(300)
    settings.recovery.margin = .milliseconds(500)
    settings.recovery.overlap = .seconds(5)
    settings.reconnect.first = .milliseconds(20)
    settings.reconnect.longest = .milliseconds(200)
    settings.silence = .milliseconds(500)
    change(&settings)
    return FeedSettings(name: name, kind: .dome(settings))
  }

  static func file(_ path: String, _ change: (inout FileSettings) -> Void = { _ in }) -> FeedSettings {
    var settings = FileSettings(path: path)
    settings.speed = nil
    change(&settings)
    return FeedSettings(name: "file", kind: .file(settings))
  }

  /// Runs while `body` does something, then stops the run in an orderly way; returns where it stood.
  @discardableResult
  func run(
    _ feeds: [FeedSettings], _ change: (inout LiveOptions) -> Void = { _ in },
    _ body: (LiveRun) async throws -> Void
  ) async throws -> LiveStatus {
    var options = LiveOptions(journal: journal, rules: workspace.file("rules"), feeds: feeds)
    options.durability = .normal
    options.sink = { signals in self.signals.withLock { $0 += signals.map(\.signal) } }
    change(&options)
    var log = Logger(label: "test")
    log.logLevel = .critical
    let run = LiveRun(options, log: log)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await run.run() }
      do {
        try await body(run)
      } catch {
        run.stop()
        throw error
      }
      run.stop()
      try await group.waitForAll()
    }
    return run.status
  }

  /// Waits for what comes sooner or later; a minute is much more than it takes.
  static func until(
    _ what: String, _ isTrue: () throws -> Bool, at place: SourceLocation = #_sourceLocation
  ) async throws {
    for _ in 0..<6_000 {
      if try isTrue() { return }
      try await Task.sleep(for: .milliseconds(10))
    }
    Issue.record("it never came to this: \(what)", sourceLocation: place)
  }

  // MARK: What there is in the end

  /// Whether the journal holds each order that the venue sent, each once, and no other.
  ///
  /// With `end` (event time, ms) it need not hold what happened from then on.
  func expectComplete(
    _ simulator: Simulator, before end: Int64? = .max, at place: SourceLocation = #_sourceLocation
  ) throws {
    let end = try #require(end)
    let rows = simulator.sentOrders()
    let all = try LiveTrial.identities(of: rows, before: .max)
    let sent = try LiveTrial.identities(of: rows, before: end)
    #expect(!sent.isEmpty, sourceLocation: place)
    var stored: [Digest128] = []
    try JournalReader(path: journal).orders { stored.append(Identity.of($0)) }
    #expect(Set(stored).count == stored.count, "an order is stored twice", sourceLocation: place)
    #expect(sent.subtracting(stored).count == 0, "orders that were lost", sourceLocation: place)
    #expect(Set(stored).subtracting(all).count == 0, "orders that nobody sent", sourceLocation: place)
  }

  private static func identities(of rows: [UInt8], before end: Int64) throws -> Set<Digest128> {
    var scanner = OrderScanner()
    rows.withUnsafeBytes { scanner.append($0) }
    scanner.finish()
    var batch = OrderBatch()
    var result: Set<Digest128> = []
    var isOver = false
    while !isOver {
      isOver = scanner.next(into: &batch) == .end
      for order in batch.orders where order.time < end {
        withUnsafePointer(to: order) { _ = result.insert(Identity.of($0)) }
      }
    }
    return result
  }

  func count(_ sql: String) throws -> Int { try Database(journal).count(sql) }
}

/// A pipe that a feed reads and a test writes, line after line.
final class LinePipe: Sendable {
  let path: String
  private let descriptor: Int32

  init(_ workspace: Workspace) throws {
    path = workspace.file("pipe")
    guard mkfifo(path, 0o600) == 0 else { throw Workspace.Failure(reason: "mkfifo") }
    // Open for both, so that opening does not wait, and no end is seen.
    descriptor = open(path, O_RDWR | O_CLOEXEC)
  }

  deinit { close(descriptor) }

  func write(_ lines: [Line]) {
    let bytes = Array(lines.text.utf8)
    #expect(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
  }
}
