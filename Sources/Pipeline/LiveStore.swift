import COrderFlow
import Feeds
import Journal
import OrderFlow
import RuleEngine

/// Writes what a live engine made into its journal.
struct LiveStore {
  let journal: Journal
  /// Names of the feeds by number.
  let names: [String]

  /// Writes the parts of a transaction; returns the signals that were not there before, in order.
  func write(_ chunks: [LiveChunk]) throws(JournalError) -> [NumberedSignal] {
    var fresh: [NumberedSignal] = []
    for chunk in chunks {
      switch chunk {
      case .orders(let rows, let output):
        for place in 0..<output.orderCount {
          let order = UnsafePointer(rows.orders.baseAddress.map { $0 + place })
          guard let order else { continue }
          try journal.append(order: order, identity: Identity.of(order))
        }
        try write(output, &fresh)
      case .tick(let seq, let clock, let output):
        try journal.append(tick: seq, clock: clock)
        try write(output, &fresh)
      case .rejected(let letters):
        for letter in letters { try journal.append(deadLetter: letter) }
      case .gap(let gap, let seq, let output):
        let name = name(gap.source)
        if let seq { try journal.append(gap: seq, record(gap)) }
        try journal.append(gapOf: name, from: gap.from, to: gap.to, backfilled: gap.isBackfilled)
        // Gaps are filled in their order: those of an earlier run that end before this one are filled too.
        if gap.isBackfilled { try journal.markBackfilled(source: name, until: gap.to) }
        try write(output, &fresh)
      case .audited(let source, let time):
        try journal.setAudited(source: name(source), time: time)
      case .reload(let entry):
        try entry.write(to: journal)
        try append(entry.signal, &fresh)
      case .resumed(let entry): try entry.write(to: journal)
      }
    }
    return fresh
  }

  private func write(_ output: EngineOutput, _ fresh: inout [NumberedSignal]) throws(JournalError) {
    for emitted in output.signals { try append(emitted.signal, &fresh) }
    for (id, count) in output.folds { try journal.setFoldCount(id, count) }
    for failure in output.failures { try journal.append(failure: failure) }
  }

  private func append(_ signal: Signal, _ fresh: inout [NumberedSignal]) throws(JournalError) {
    guard try journal.append(signal: signal) else { return }
    fresh.append(NumberedSignal(number: journal.lastSignalNumber(), signal: signal))
  }

  /// A gap as an event: one whose end is not known ends at its beginning.
  func record(_ gap: FeedGap) -> GapRecord {
    GapRecord(
      source: name(gap.source), from: gap.from, to: gap.isEnded || gap.isBackfilled ? gap.to : gap.from,
      backfilled: gap.isBackfilled)
  }

  private func name(_ source: UInt16) -> String {
    Int(source) - 1 < names.count && source > 0 ? names[Int(source) - 1] : "feed \(source)"
  }

  /// Keeps each rule's state as of the last event; returns the rules whose state cannot be kept.
  func saveStates(of engine: Engine) throws(JournalError) -> [RuleProblem] {
    var problems: [RuleProblem] = []
    for (rule, saved) in engine.savedStates() {
      switch saved {
      case .success(let saved):
        try journal.saveState(rule: rule, version: engine.version, saved)
      case .failure(let problem):
        problems.append(problem)
        try journal.append(
          failure: RuleFailure(
            rule: rule, version: engine.version, seq: engine.lastSequence, kind: "error", hook: "state",
            message: problem.description, trace: "", order: ""))
      }
    }
    if engine.clock != .min { try journal.append(markAt: engine.lastSequence, clock: engine.clock) }
    try journal.noteSeq(engine.lastSequence)
    return problems
  }

  /// Brings a new engine to where the journal stands.
  ///
  /// The windows get the orders that they still hold; a rule runs again over what came after its saved state.
  /// Returns why states were unreadable; throws `Engine.Refusal` for what rules say against theirs.
  func rebuild(_ engine: Engine) throws -> [RuleProblem] {
    let end = journal.lastSeq()
    var states: [String: SavedRule] = [:]
    for rule in engine.rules {
      guard let stored = try journal.loadState(rule: rule) else { continue }
      var saved = SavedRule(stored)
      // What another rule set failed at is no reason not to call this one.
      if stored.version != engine.version {
        // Nor has it been called since.
        if saved.isQuarantined { saved.seq = end }
        saved.failures = ""
      }
      // A rule that was away has nothing to say about what came meanwhile, and after a day begins anew.
      if let removed = stored.removedMilliseconds {
        if removed < WallClock.now() - ReloadEntry.removedStateLife { continue }
        saved.seq = end
      }
      states[rule] = saved
    }
    let mark = try beginning(engine, states, end)
    let reader = try JournalReader(path: journal.path)
    let unreadable = try engine.begin(
      after: mark?.seq ?? 0, clock: mark?.clock, states: states, end: end,
      missingBefore: mark == nil ? try reader.oldestOrder()?.time : nil,
      prunedBefore: try reader.prunedBefore())
    engine.recall(try journal.gaps(through: mark?.seq ?? 0))
    var said = EngineOutput()
    try journal.readBack(after: mark?.seq ?? 0, batch: 512) { engine.restore($0, into: &said) }
    engine.endRestoring(at: end)
    return unreadable
  }

  /// Where to begin reading: behind it lies everything that a window can still hold, or a rule has not seen.
  private func beginning(
    _ engine: Engine, _ states: [String: SavedRule], _ end: Int64
  ) throws(JournalError) -> (seq: Int64, clock: Int64)? {
    guard let memory = engine.memory else { return nil }
    let seen = states.values.map(\.seq).min() ?? end
    var reference = try journal.newestMark()
    while let mark = reference, mark.seq > min(seen, end) {
      reference = try journal.newestMark(atOrBefore: mark.clock - 1)
    }
    guard let reference else { return nil }
    return try journal.newestMark(atOrBefore: reference.clock - memory - 1)
  }
}
