internal import Foundation
internal import Journal
internal import Pipeline

/// A rate and a durability: latency, queue, CPU and memory.
struct LatencyCase {
  static let heading =
    "\n  orders/s sync      p50 µs   p99 µs p99.9 µs   max µs   "
    + "queue max/end  CPU live/send  RSS start/10 s/end MB"

  private let flow: FlowSettings
  private let durability: Durability
  private let trial: LiveTrial

  init(_ folder: Workplace, _ flow: FlowSettings, _ durability: Durability, _ rules: String) throws {
    self.flow = flow
    self.durability = durability
    trial = try LiveTrial(folder, flow, durability, rules: rules)
  }

  private struct Watch {
    var depths: [Int] = []
    var memory: [Int] = []
    var cpu: (began: Double, at: UInt64)?
  }

  func run() async throws {
    var watch = Watch()
    let (status, sender) = try await trial.run { status in
      guard let beginning = trial.latencies.beginning, Clock.now() >= beginning else { return }
      if watch.cpu == nil { watch.cpu = (Clock.used(), Clock.now()) }
      watch.depths.append(status.queued)
      let second = Int((Clock.now() - beginning) / 1_000_000_000)
      let isDue = watch.memory.isEmpty || (second >= 10 && watch.memory.count == 1)
      if isDue { watch.memory.append(status.memory) }
    }
    watch.memory.append(status.memory)
    let wall = watch.cpu.map { Double(Clock.now() - $0.at) / 1e9 } ?? 1
    let live = (Clock.used() - (watch.cpu?.began ?? 0)) / wall
    show(watch, sender, live: live)
    guard sender.sent == Int(status.orders), status.duplicates == 0, status.rejected == 0 else {
      throw Failure(
        "\(sender.sent) orders were sent, \(status.orders) received, \(status.duplicates) taken for repeats, "
          + "\(status.rejected) rejected")
    }
    print(
      "    \(status.orders) orders sent and received, \(status.signals) signals; sender late by "
        + "\(sender.late) µs at most, longest stall \(sender.stall) µs")
  }

  private func show(_ watch: Watch, _ sender: SenderProcess.Report, live: Double) {
    let (count, all, second) = trial.latencies.summary()
    let tail = watch.depths.suffix(50)
    let depth = "\(watch.depths.max() ?? 0)/\(tail.reduce(0, +) / max(tail.count, 1))"
    let times = all.map { String(format: "%8.1f", $0) }.joined(separator: " ")
    let sending = Double(sender.cpu) / Double(max(sender.wall, 1))
    let cpu = String(format: "%.0f%%/%.0f%%", live * 100, sending * 100)
    let memory = watch.memory.map { "\($0 >> 20)" }.joined(separator: "/")
    func wide(_ text: String, _ width: Int) -> String {
      text.padding(toLength: width, withPad: " ", startingAt: 0)
    }
    print(
      String(format: "%10d", flow.rate), wide(durability.rawValue, 6), " ", times, "  ", wide(depth, 14),
      wide(cpu, 14), memory)
    let middle = zip(["p50", "p99", "p99.9", "max"], second).map { String(format: "%@ %.1f", $0, $1) }
    print("    \(count) samples; the middle one of the seconds: \(middle.joined(separator: ", "))")
  }
}
