import Feeds
import Glibc
import Journal
import OrderFlow
import RuleEngine
import Simulator
import Synchronization
import Testing

@testable import Pipeline

/// Rules that change all the time under a flow of 5,000 orders a second.
///
/// `make soak-reload` runs it at full size: `BETTERBOT_SOAK_RELOAD=1000` changes.
@Suite("Changing rules for long", .timeLimit(.minutes(60)))
struct ReloadSoakTests {
  private static let changes = getenv("BETTERBOT_SOAK_RELOAD").flatMap { Int(String(cString: $0)) } ?? 29
  /// About so many orders come between two changes.
  private static let pace = 1_000

  @Test("whatever is done to the folder, no order is lost or counted twice, and only whole versions run")
  func soak() async throws {
    let trial = try LiveTrial([:])
    var disk = try RulesOnDisk(trial.workspace, RuleEditor.files)
    let venue = try await LiveTrial.venue((Self.changes * 5 / 4 + 10) * Self.pace, rate: 5_000)
    var made: [RuleEdit: Int] = [:]
    var text = ""
    var left = 0
    let status = try await trial.run([Self.feed(venue)], Self.configure) { run in
      try await LiveTrial.until("orders come") { run.status.orders > 1_000 }
      let editor = try await Self.edit(disk, run, venue, watched: Self.wallets(trial))
      (disk, made) = (editor.disk, editor.made)
      left = venue.status().total - venue.status().sent
      let version = try #require(disk.version)
      try await LiveTrial.until("the last change runs") { run.status.version == version }
      try await LiveTrial.until("every order is there") {
        run.status.orders >= UInt64(venue.status().total) && venue.status().isFinished
      }
      text = await run.statusText()
    }
    await venue.stop()
    try trial.expectComplete(venue)
    #expect(text.contains("the rules folder holds what runs"), "\(text)")

    let audit = try ReloadAudit(trial.journal, disk.seen)
    #expect(audit.problems == [])
    #expect(trial.signals.withLock { $0.map(\.id) } == audit.signals.map(\.id))
    #expect(status.reload.swaps + status.reload.rollbacks == UInt64(audit.swaps.count - 1))
    #expect(status.reload.rejections == UInt64(audit.reloads.count - audit.swaps.count))
    #expect(status.reload.swaps >= UInt64(Self.changes / 10))
    #expect(audit.reloads.count > audit.swaps.count, "nothing was refused")
    Self.report(audit, made, status, left: left)
  }

  // MARK: The run

  private static func configure(_ options: inout LiveOptions) { options.reload.quiet = .milliseconds(50) }

  /// Nothing goes wrong on the way here: what is late is only late.
  private static func feed(_ venue: Simulator) -> FeedSettings {
    LiveTrial.feed(venue) { settings in
      settings.recovery.auditEvery = nil
      settings.silence = .seconds(30)
    }
  }

  /// The wallets that have most of the first orders.
  private static func wallets(_ trial: LiveTrial) throws -> [String] {
    let most = "SELECT user FROM events GROUP BY user ORDER BY count(*) DESC, user LIMIT 5"
    return try Database(trial.journal).text("SELECT group_concat(user) FROM (\(most))").split(separator: ",")
      .map(String.init)
  }

  private static func edit(
    _ disk: RulesOnDisk, _ run: LiveRun, _ venue: Simulator, watched: [String]
  ) async throws -> RuleEditor {
    let pause = { (orders: Int) in
      let end = run.status.orders + UInt64(orders)
      try await LiveTrial.until("orders go on") { run.status.orders >= end || venue.status().isFinished }
    }
    var editor = RuleEditor(disk, run, seed: 7, watched: watched, pause: pause)
    var random = SoakRandom(state: 8)
    for _ in 0..<changes {
      try await editor.change()
      // Often nothing, and sometimes long enough for every change to come in.
      try await pause([0, 0, pace / 4, pace, pace * 3][random.below(5)])
    }
    try await editor.finish()
    return editor
  }

  // MARK: The report

  private static func report(_ audit: ReloadAudit, _ made: [RuleEdit: Int], _ status: LiveStatus, left: Int) {
    let kinds = made.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key.rawValue) \($0.value)" }
    print(
      """
      \(made.values.reduce(0, +)) changes: \(kinds.joined(separator: ", "))
      \(audit.swaps.count - 1) versions came into use, \(status.reload.rollbacks) of them by a return; \
      \(status.reload.rejections) attempts were refused:
      """)
    var reasons: [String: Int] = [:]
    for record in audit.reloads where record.outcome == "rejected" {
      let reason = (record.reason ?? "").split(separator: ";").first ?? ""
      reasons[String(reason.map { $0.isNumber ? "#" : $0 }.prefix(70)), default: 0] += 1
    }
    for (reason, count) in reasons.sorted(by: { $0.value > $1.value }).prefix(20) {
      print("  \(count) × \(reason)")
    }
    print("\(status.orders) orders, \(left) of them after the last change; \(audit.signals.count) signals")
  }
}
