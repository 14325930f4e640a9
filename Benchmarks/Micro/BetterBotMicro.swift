internal import Foundation

/// Prints what each stage costs an order, in nanoseconds of CPU time: medians of rounds that take turns.
@main
enum BetterBotMicro {
  static func main() {
    let lines = OrderLines.make(20_000)
    let few = OrderLines.make(1000)
    let contenders = [
      ScanContenders.reference(lines), ScanContenders.swift(lines, speculates: true),
      ScanContenders.swift(lines, speculates: false), ScanContenders.foundation(few),
    ]
    let sums = contenders.prefix(3).map { $0.run() }
    guard sums.allSatisfy({ $0 == sums[0] }), sums[0].orders == 20_000 else {
      print("the scanners disagree: \(sums)")
      exit(1)
    }
    let times = Rounds.measure(contenders, rounds: 21)
    print("\(lines.count / 20_000) bytes an order; ns an order, and its ratio to the C scanner")
    for (contender, time) in zip(contenders, times) {
      let name = contender.name.padding(toLength: 22, withPad: " ", startingAt: 0)
      print(name, String(format: "%9.1f %8.2f x", time, time / times[0]))
    }
    print(String(format: "JSONDecoder takes %.0f x as long as Swift scan+decode", times[3] / times[1]))
    measureEngine(lines)
  }

  /// What the rules and the journal add to a scanned order.
  private static func measureEngine(_ lines: [UInt8]) {
    let contenders = [
      EngineContenders.rules("scan + intern", lines, EngineContenders.interning),
      EngineContenders.rules("scan + 1 empty rule", lines, EngineContenders.empty(1)),
      EngineContenders.rules("scan + 10 rules", lines, EngineContenders.reading(10)),
      EngineContenders.rules("scan + 100 rules", lines, EngineContenders.reading(100)),
      EngineContenders.commit(lines),
    ]
    let times = Rounds.measure(contenders, rounds: 11)
    print("\nns an order; the rules of the rows with 10 and 100 read four fields each and compare")
    for (contender, time) in zip(contenders, times) {
      print(contender.name.padding(toLength: 22, withPad: " ", startingAt: 0), String(format: "%9.1f", time))
    }
  }
}
