import COrderFlow
import Journal
public import OrderFlow
public import RuleEngine

/// Rules over a journal's own events, orders, ticks and gaps, with nothing else from the run that wrote it.
///
/// The signals are a function of the journal: a live run and this agree, whatever happened to the run. Ticks
/// count, since the wall moved the clock while nothing came, and with it the edges of windows and holds.
public enum JournalReplay {
  /// The signals that the rules give, in order, with their final fold counts.
  ///
  /// The engine must be new. Throws `JournalError` when the journal cannot be read.
  public static func signals(of path: String, through engine: Engine) throws -> [Signal] {
    var signals: [Signal] = []
    var places: [Digest128: Int] = [:]
    var output = EngineOutput()
    try JournalReader(path: path).readBack(batch: 512) { batch in
      switch batch {
      case .orders(let orders):
        for place in orders.indices { orders[place].origin = UInt8(BB_ORIGIN_STREAM) }
        engine.startSequence(after: orders[0].seq - 1)
        engine.process(orders, into: &output)
      case .tick(let seq, let clock):
        engine.startSequence(after: seq - 1)
        guard engine.tick(clock, into: &output) else { return }
      case .gap(let seq, let gap):
        engine.startSequence(after: seq - 1)
        let isNews = engine.gap(
          source: gap.source, from: gap.from, to: gap.to, backfilled: gap.backfilled, into: &output)
        guard isNews else { return }
      }
      // A gap can be told again in a later run; a journal holds each signal once.
      for emitted in output.signals where places[emitted.signal.id] == nil {
        places[emitted.signal.id] = signals.count
        signals.append(emitted.signal)
      }
      for (id, count) in output.folds {
        if let place = places[id] { signals[place].foldCount = max(signals[place].foldCount, count) }
      }
    }
    return signals
  }
}
