import Journal
import OrderFlow
import RuleEngine

/// Brings a new engine behind an event of a journal, with what its rules remember of the time before.
struct WarmStart {
  private let reader: JournalReader
  /// The event behind which hooks are called again.
  private let end: Int64
  private let hasMemory: Bool

  /// `hasMemory` says that some rule keeps something of its own from event to event, or hears others: then its
  /// hooks run over all of the journal up to `end`. Without it only windows are filled.
  init(_ reader: JournalReader, end: Int64, hasMemory: Bool) {
    self.reader = reader
    self.end = end
    self.hasMemory = hasMemory
  }

  /// The event behind which these engines must see everything, and the clock there; nil is the beginning.
  func base(of engines: [Engine]) throws -> (seq: Int64, clock: Int64)? {
    if hasMemory { return nil }
    let memories = engines.map(\.memory)
    guard !memories.contains(nil), let newest = try reader.newestMark(before: end + 1) else { return nil }
    let memory = memories.compactMap { $0 }.max() ?? 0
    return try reader.newestMark(atOrBefore: newest.clock - memory - 1)
  }

  /// Puts an engine behind `base`; what follows is to be restored.
  func begin(_ engine: Engine, after base: (seq: Int64, clock: Int64)?) throws {
    var states: [String: SavedRule] = [:]
    for rule in engine.rules {
      var saved = SavedRule(seq: hasMemory ? 0 : end, state: [], dedup: "", failures: "")
      if !hasMemory { saved.dedup = try holds(of: rule, engine) }
      states[rule] = saved
    }
    _ = try engine.begin(after: base?.seq ?? 0, clock: base?.clock, states: states, end: end)
    engine.recall(try reader.gaps(through: base?.seq ?? 0))
  }

  /// The keys of a rule that were held, by the signals that hold them.
  private func holds(of rule: String, _ engine: Engine) throws -> String {
    guard let hold = engine.declarations(of: rule)?.hold else { return "" }
    let clock = try reader.newestMark(before: end + 1)?.clock
    let since = clock.map { $0 - hold - Engine.Options().lateness } ?? .min
    let fired = try reader.signals(of: rule, before: end + 1, since: since)
    return fired.map { WarmStart.hold($0.signal, hold) }.joined()
  }

  /// A line of what `SavedRule.dedup` is made of.
  private static func hold(_ signal: Signal, _ hold: Int64) -> String {
    SavedRule.hold(
      key: signal.key, id: signal.id, time: signal.time, hold: hold, severity: signal.severity,
      count: signal.foldCount)
  }
}
