internal import Foundation
internal import Journal
internal import Pipeline

/// What orders see of rules that change: a hundred rules, a million orders behind them, a flow that goes on.
///
/// First one parameter of one rule changes, many times; then the span of every window, so that all are filled anew
/// from the journal while orders come.
struct SwapCase {
  private let folder: Workplace
  private let trial: LiveTrial
  private let flow: FlowSettings
  private let arguments: Arguments
  private let rules: SwapRules

  init(_ folder: Workplace, _ arguments: Arguments) throws {
    self.folder = folder
    self.arguments = arguments
    var flow = arguments.flow
    // It ends when the run does, and not before.
    flow.total = flow.rate * 7200
    self.flow = flow
    let empty = folder.path + "/empty"
    try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
    trial = try LiveTrial(folder, flow, arguments.durabilities.last ?? .full, rules: empty)
    rules = try SwapRules(folder.rules)
  }

  /// A change, from before the first file is written until it runs.
  private struct Swap {
    var saved: UInt64
    var running: UInt64
    /// Nanoseconds.
    var pause: UInt64
    /// Resident memory behind it, bytes.
    var memory: Int

    /// A quarter of a second on either side of it.
    var neighbourhood: ClosedRange<UInt64> { running - 250_000_000...running + 250_000_000 }
  }

  func run() async throws {
    let journal = try folder.journal()
    var began = Clock.now()
    let span = SwapRules.span * 5 / 6
    try Lookback.fill(journal, orders: arguments.orders, seconds: span)
    print(
      String(
        format: "\n%d orders of the last %d minutes stored in %.1f s", arguments.orders, span / 60,
        Double(Clock.now() - began) / 1e9))
    began = Clock.now()
    let sender = try SenderProcess(flow)
    try await trial.hold(sender, journal: journal) { run in
      while trial.latencies.beginning.map({ Clock.now() < $0 }) ?? true {
        try await step()
        guard Clock.now() - began < 600_000_000_000 else { throw Failure("ten minutes, and nothing comes") }
      }
      print(String(format: "begun %.1f s after that", Double(Clock.now() - began) / 1e9))
      print("\(flow.rate) orders/s, \(SwapRules.count) rules, sync \(arguments.durabilities.last ?? .full)")
      try await measure(run)
    }
    try sender.end()
  }

  private func measure(_ run: LiveRun) async throws {
    print(
      "\n                               samples   p50 µs   p99 µs p99.9 µs   max µs\n"
        + row("before any change", [try await rest(flow.seconds)]))
    fflush(nil)
    var changes: [Swap] = []
    for number in 0..<arguments.swaps {
      changes.append(
        try await swap(run) { try rules.write(0, span: SwapRules.span, least: 400_001 + number) })
      _ = try await rest(1)
    }
    show("a parameter", changes, run.status)
    var rebuilds: [Swap] = []
    for number in 0..<arguments.rebuilds {
      let swap = try await swap(run) { try rules.writeAll(span: SwapRules.span - 1 - number) }
      rebuilds.append(swap)
      let (pause, seconds) = (Double(swap.pause) / 1e6, Double(swap.running - swap.saved) / 1e9)
      print(
        String(
          format: "    filled anew in %.1f s, pause %.1f ms, %d MB resident", seconds, pause,
          swap.memory >> 20))
      fflush(nil)
      _ = try await rest(3)
    }
    show("every window", rebuilds, run.status)
  }

  // MARK: A change

  private func swap(_ run: LiveRun, _ change: () throws -> Void) async throws -> Swap {
    let before = run.status
    let saved = Clock.now()
    try change()
    while run.status.version == before.version {
      try await step()
      let reload = run.status.reload
      guard reload.rejections == before.reload.rejections else {
        throw Failure("refused: \(reload.rejection?.problems.joined(separator: "; ") ?? "")")
      }
      guard Clock.now() - saved < 600_000_000_000 else { throw Failure("ten minutes, and it does not run") }
    }
    let running = Clock.now()
    while run.status.reload.swaps == before.reload.swaps { try await step() }
    let status = run.status
    return Swap(saved: saved, running: running, pause: status.reload.pause, memory: status.memory)
  }

  private func step() async throws { try await Task.sleep(for: .milliseconds(1)) }

  /// Lets some seconds go by.
  private func rest(_ seconds: Int) async throws -> ClosedRange<UInt64> {
    let began = Clock.now()
    try await Task.sleep(for: .seconds(seconds))
    return began...Clock.now()
  }

  // MARK: Figures

  private func row(_ name: String, _ stretches: [ClosedRange<UInt64>]) -> String {
    let (count, all) = trial.latencies.summary(of: stretches)
    let times = all.map { String(format: "%8.1f", $0) }.joined(separator: " ")
    return name.padding(toLength: 30, withPad: " ", startingAt: 0) + String(format: "%8d ", count) + times
  }

  private func show(_ name: String, _ swaps: [Swap], _ status: LiveStatus) {
    if swaps.isEmpty { return }
    print(row("\(name): saved to running", swaps.map { $0.saved...$0.running }))
    print(row("\(name): around the swap", swaps.map(\.neighbourhood)))
    func figures(_ values: [Double], _ unit: String) -> String {
      let sorted = values.sorted()
      return String(
        format: "%.1f / %.1f / %.1f %@", sorted[0], sorted[sorted.count / 2], sorted[sorted.count - 1], unit)
    }
    print(
      "    \(swaps.count) swaps, least/middle/most: pause "
        + figures(swaps.map { Double($0.pause) / 1e6 }, "ms") + ", saved to running "
        + figures(swaps.map { Double($0.running - $0.saved) / 1e6 }, "ms")
        + "; \(status.queued) orders wait")
    fflush(nil)
  }
}
