internal import Foundation
internal import Journal
internal import Pipeline

/// A million orders: resident memory on the way.
///
/// Event time goes a hundred orders a second, as on a busy day: the windows of the rules hold what they would hold
/// then, and not all of the million.
struct MemoryCase {
  private let folder: Workplace
  private let arguments: Arguments

  init(_ folder: Workplace, _ arguments: Arguments) {
    self.folder = folder
    self.arguments = arguments
  }

  func run() async throws {
    var flow = arguments.flow
    flow.rate = arguments.rates.last ?? 20_000
    flow.total = arguments.orders
    flow.eventRate = arguments.flow.eventRate ?? 100
    let count = arguments.orders
    var marks = [count / 10, count / 4, count / 2, count * 3 / 4, count][...]
    let trial = try LiveTrial(folder, flow, arguments.durabilities[0], rules: arguments.rules)
    let began = Clock.now()
    print("\n    orders   signals      RSS MB   queue")
    func show(_ status: LiveStatus) {
      print(
        String(
          format: "%10d %9d %11.1f %7d", Int(status.orders), Int(status.signals),
          Double(status.memory) / 1_048_576, status.queued))
      fflush(nil)
    }
    let (status, sender) = try await trial.run { status in
      guard let mark = marks.first, status.orders >= UInt64(mark) else { return }
      marks.removeFirst()
      show(status)
    }
    let seconds = Double(Clock.now() - began) / 1e9
    let rate = Double(count) / seconds
    print(String(format: "    %.0f orders/s; sender late by %d ms at most", rate, sender.late / 1000))
    guard sender.sent == Int(status.orders) else {
      throw Failure("\(sender.sent) orders were sent, \(status.orders) received")
    }
  }
}
