import OrderFlow

/// Keeps the most severe signals of a run; of equal severity the newest.
struct TopSignals {
  private let limit: Int
  private var kept: [Signal] = []
  /// How many there were.
  private(set) var total = 0
  /// Whether one of them was high or critical.
  private(set) var hasSevere = false

  init(limit: Int = 20) { self.limit = limit }

  /// Takes one signal.
  mutating func add(_ signal: Signal) {
    total += 1
    if signal.severity >= .high { hasSevere = true }
    kept.append(signal)
    if kept.count > 4096 { trim() }
  }

  private mutating func trim() {
    if kept.count <= limit { return }
    let ranks = kept.indices.map { (kept[$0].severity, kept[$0].time, kept[$0].seq, $0) }.sorted(by: >)
    kept = ranks.prefix(limit).map { kept[$0.3] }
  }

  /// What was kept, in the order of time.
  mutating func inOrder() -> [Signal] {
    trim()
    return kept.sorted { ($0.time, $0.seq, $0.rule) < ($1.time, $1.seq, $1.rule) }
  }
}
