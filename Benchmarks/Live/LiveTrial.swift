internal import Broadcast
internal import Feeds
internal import Foundation
internal import Journal
internal import Logging
internal import OrderFlow
internal import Pipeline

/// One live run in this process against a sender in another.
struct LiveTrial {
  let latencies: Latencies
  private let folder: Workplace
  private let flow: FlowSettings
  private let durability: Durability

  /// `rules` is a folder whose rules run beside the probe.
  init(_ folder: Workplace, _ flow: FlowSettings, _ durability: Durability, rules: String) throws {
    self.folder = folder
    self.flow = flow
    self.durability = durability
    latencies = Latencies(room: flow.count / flow.probeEvery + 1)
    try folder.fill(from: rules)
  }

  /// Runs until every order that was sent is committed, or nothing comes any more; `look` is called often.
  func run(_ look: (LiveStatus) -> Void) async throws -> (status: LiveStatus, sender: SenderProcess.Report) {
    let sender = try SenderProcess(flow)
    let result = try await hold(sender, journal: try folder.journal()) { run in
      await watch(run, look)
      return (run.status, sender.report())
    }
    try sender.end()
    return result
  }

  /// Runs while `body` looks on.
  func hold<Result>(
    _ sender: SenderProcess, journal: String, api: BroadcastOptions? = nil,
    _ body: (LiveRun) async throws -> Result
  ) async throws -> Result {
    var relay = DomeSettings(url: "ws://127.0.0.1:\(sender.port)", restURL: nil)
    relay.recovery.auditEvery = nil
    var options = LiveOptions(
      journal: journal, rules: folder.rules,
      feeds: [FeedSettings(name: "bench", kind: .dome(relay))])
    options.durability = durability
    options.api = api
    options.needsAPI = true
    let latencies = latencies
    options.sink = { latencies.note($0.map(\.signal)) }
    let run = LiveRun(options, log: Logger(label: "live"))
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await run.run() }
      let result: Result
      do {
        result = try await body(run)
      } catch {
        run.stop()
        throw error
      }
      run.stop()
      try await group.waitForAll()
      return result
    }
  }

  private func watch(_ run: LiveRun, _ look: (LiveStatus) -> Void) async {
    let limit = UInt64(flow.count / flow.rate * 3 + 30) * 1_000_000_000
    let began = Clock.now()
    while Clock.now() - began < limit {
      try? await Task.sleep(for: .milliseconds(20))
      let status = run.status
      look(status)
      if status.orders + status.rejected >= UInt64(flow.count) { return }
    }
  }
}
