/// Which fault strikes where in the flow; the same for the same seed.
struct FaultPlan: Equatable, Sendable {
  /// A fault and the number of orders that go before it.
  struct Entry: Equatable, Sendable {
    var position: Int
    var fault: Fault
  }

  /// By position.
  private(set) var entries: [Entry] = []
  /// How many orders a connection has had since it subscribed, or since its last fault, before one hits it.
  let spacing: Int

  /// Spreads the faults over a flow of `total` orders, each somewhere in its own equal part, kinds mixed.
  init(_ faults: FaultCounts, total: Int, seed: UInt64, pass: Int = 0) {
    var random = SeededRandom(seed: seed &+ UInt64(pass), stream: 3)
    var kinds = Fault.allCases.flatMap { Array(repeating: $0, count: faults.counts[$0] ?? 0) }
    kinds.shuffle(using: &random)
    for (place, kind) in kinds.enumerated() {
      let start = total * place / kinds.count
      let end = total * (place + 1) / kinds.count
      let position = min(total, max(1, start + random.below(max(1, end - start))))
      entries.append(Entry(position: position, fault: kind))
    }
    spacing = kinds.isEmpty ? 1 : min(8, max(1, total / (2 * kinds.count)))
  }
}
