import COrderFlow

/// The rules of one version as they run: swapped as a whole, between two events.
final class RuleSet {
  let version: String
  /// In id order.
  let runners: [RuleRunner]
  /// Problems of rules that were left out.
  let skipped: [RuleProblem]
  /// The rules that hear nobody; they are spread over threads.
  private let shards: ShardGroup
  /// The rules that hear others, by level: each hears only those below it. By their places in `runners`.
  private let listeners: [(places: [Int], group: ShardGroup)]
  private let first: [Int]
  let usesEvidence: Bool
  var labels: LabelTable

  init(
    version: String, labels: LabelTable, _ runners: [RuleRunner], skipped: [RuleProblem], threads: Int
  ) {
    self.version = version
    self.labels = labels
    self.runners = runners
    self.skipped = skipped
    let levels = ListenGraph(Dictionary(uniqueKeysWithValues: runners.map { ($0.id, $0.header.listens) }))
      .levels()
    var places: [[Int]] = Array(repeating: [], count: (levels.values.max() ?? 0) + 1)
    for (place, runner) in runners.enumerated() { places[levels[runner.id] ?? 0].append(place) }
    first = places[0]
    shards = ShardGroup(places[0].map { runners[$0] }, threads: threads)
    // Few rules hear others: the caller's thread does them.
    listeners = places.dropFirst().map { level in
      (level, ShardGroup(level.map { runners[$0] }, threads: 1))
    }
    usesEvidence = runners.contains { $0.usesEvidence }
  }

  /// Runs every rule over the batch, a level after another. `emit` is called with the places of the rules of each
  /// level that ran, and returns the signals that others hear of them.
  func run(_ orders: UnsafePointer<bb_order>, count: Int32, emit: ([Int]) -> [HeardSignal]) {
    shards.run(orders, count: count)
    var heard = emit(first)
    for (places, group) in listeners {
      for place in places { runners[place].hear(heard) }
      group.run(orders, count: count)
      heard += emit(places)
    }
  }

  /// Whether some rule hears others.
  var hasListeners: Bool { !listeners.isEmpty }

  /// Ends the threads.
  func stop() { shards.stop() }
}
