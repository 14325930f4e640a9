import Journal
import RuleEngine

extension Engine {
  /// Runs a batch of the journal again.
  func restore(_ batch: StoredBatch, into output: inout EngineOutput) {
    switch batch {
    case .orders(let orders): restore(orders, into: &output)
    case .tick(let seq, let clock): restore(tick: seq, time: clock, into: &output)
    case .gap(let seq, let gap):
      restore(
        gap: seq, source: gap.source, from: gap.from, to: gap.to, backfilled: gap.backfilled, into: &output)
    }
  }

  /// Takes gaps from before what is restored.
  func recall(_ gaps: [GapRecord]) {
    for gap in gaps { recall(gapOf: gap.source, from: gap.from, to: gap.to, backfilled: gap.backfilled) }
  }
}
