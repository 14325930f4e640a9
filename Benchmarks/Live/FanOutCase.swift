internal import Broadcast
internal import Foundation
internal import Journal
internal import Pipeline

/// From a frame received to a frame on subscribers' sockets, with one, a hundred and a thousand of them; then a
/// thousand of which most stop reading, and some come and go.
struct FanOutCase {
  private let folder: Workplace
  private let arguments: Arguments

  init(_ folder: Workplace, _ arguments: Arguments) {
    self.folder = folder
    self.arguments = arguments
  }

  /// Runs all of it.
  func run() async throws {
    print("\n  subscribers  sync     p50 ms   p99 ms p99.9 ms   max ms   CPU live/subscribers   messages/s")
    for durability in arguments.durabilities {
      for count in [1, 100, 1_000] { try await latency(count, durability) }
    }
    try await crowd()
  }

  // MARK: Latency

  /// 5,000 orders a second, of which one in a hundred makes a signal for everybody.
  private func latency(_ count: Int, _ durability: Durability) async throws {
    var flow = arguments.flow
    flow.probeEvery = 100
    flow.total = flow.rate * (flow.seconds + 10)
    try await hold(flow, durability, count) { run, subscribers in
      try await Task.sleep(for: .seconds(FlowSettings.warmUpSeconds))
      subscribers.say("clear")
      let before = subscribers.report()
      let (cpu, began) = (Clock.used(), Clock.now())
      try await Task.sleep(for: .seconds(flow.seconds))
      let after = subscribers.report()
      let seconds = Double(Clock.now() - began) / 1e9
      let live = (Clock.used() - cpu) / seconds * 100
      let theirs = Double(after["cpu"] - before["cpu"]) / seconds / 1e4
      let rate = Double(after["received"] - before["received"]) / seconds
      print(
        String(format: "%13d", count), durability.rawValue.padding(toLength: 7, withPad: " ", startingAt: 0),
        after.times, String(format: "  %6.0f%%/%.0f%%", live, theirs), String(format: "%17.0f", rate))
      try check(after, count)
    }
  }

  private func check(_ report: SubscriberProcess.Report, _ count: Int) throws {
    guard report["missing"] == 0, report["repeated"] == 0, report["closed"] == 0, report["received"] > 0
    else {
      throw Failure("\(count) subscribers: \(report)")
    }
    fflush(nil)
  }

  // MARK: A crowd

  /// A thousand subscribers, 200 signals a second: everybody gets every signal once and in order; then 900 of them
  /// stop reading, and then a hundred come back with their last number.
  private func crowd() async throws {
    var flow = arguments.flow
    flow.rate = 2_000
    flow.probeEvery = 10
    let seconds = arguments.crowdSeconds
    flow.total = flow.rate * (3 * seconds + 30)
    try await hold(flow, .normal, 1_000) { run, subscribers in
      print("\n  1,000 subscribers, 200 signals/s, \(seconds) s each    p50 ms   p99 ms p99.9 ms   max ms")
      try await phase("all of them read", seconds, run, subscribers)
      let before = run.status.memory
      subscribers.say("stall 900")
      try await phase("900 have stopped reading", seconds, run, subscribers) {
        try await watchMemory(before, seconds, run)
      }
      try await phase("100 have come back with their last number", seconds, run, subscribers) {
        for _ in 0..<100 {
          subscribers.say("reconnect 1")
          try await Task.sleep(for: .milliseconds(seconds * 8))
        }
      }
    }
  }

  /// The most memory that one of the 900 has cost while they were there, in so many seconds.
  private func watchMemory(_ before: Int, _ seconds: Int, _ run: LiveRun) async throws {
    var (most, least) = (0, 1_000)
    for _ in 0..<seconds {
      try await Task.sleep(for: .seconds(1))
      let open = run.subscriberCount
      if open == 1_000 { most = max(most, run.status.memory - before) }
      least = min(least, open)
    }
    print(
      String(
        format: "    memory: %.1f KiB at most for each that does not read; %d subscribers at the end",
        Double(most) / 900 / 1024, least))
  }

  private func phase(
    _ name: String, _ seconds: Int, _ run: LiveRun, _ subscribers: SubscriberProcess,
    during: () async throws -> Void = {}
  ) async throws {
    subscribers.say("clear")
    let began = Clock.now()
    try await during()
    let spent = Double(Clock.now() - began) / 1e9
    try await Task.sleep(for: .seconds(max(0.1, Double(seconds) - spent)))
    let report = subscribers.report()
    let status = run.status
    print("    \(name.padding(toLength: 44, withPad: " ", startingAt: 0))", report.times)
    print(
      "      \(report["received"]) messages so far, \(report["missing"]) missing, \(report["repeated"]) repeated; "
        + "\(report["returned"]) came back, the server closed \(report["closed"]); \(status.orders) orders, queue \(status.queued), "
        + "\(status.rejected) rejected")
    fflush(nil)
    guard report["missing"] == 0, report["repeated"] == 0 else { throw Failure("a stream was not whole") }
  }

  // MARK: A run

  private func hold(
    _ flow: FlowSettings, _ durability: Durability, _ count: Int,
    _ body: (LiveRun, SubscriberProcess) async throws -> Void
  ) async throws {
    let trial = try LiveTrial(folder, flow, durability, rules: arguments.rules)
    let journal = try folder.journal()
    let token = try APIAccess.makeToken(journal)
    let sender = try SenderProcess(flow)
    try await trial.hold(sender, journal: journal, api: APIAccess.options) { run in
      let port = try await APIAccess.port(of: run)
      let subscribers = try SubscriberProcess(port: port, count: count, token: token)
      try await body(run, subscribers)
      try subscribers.end()
    }
    sender.kill()
  }
}
