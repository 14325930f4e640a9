import Journal
import RuleEngine

/// Fills the windows of a draft from the journal: first beside the engine, then on its thread what came meanwhile.
enum DraftFilling {
  /// Orders handed over at once: the draft holds the symbols while it looks up their texts.
  private static let batch = 64
  /// Events of one read transaction; a longer one would keep the write-ahead log from being folded back.
  private static let stretch: Int64 = 20_000
  /// So few events are left to the engine's thread, which takes them in small steps between the batches.
  private static let few: Int64 = 48
  /// So many are left to it where the filling does not come closer any more.
  private static let many: Int64 = 4096
  /// How often what is left may be more than half of what was left before.
  private static let patience = 20

  /// Why a filling was given up.
  struct TooSlow: Error, CustomStringConvertible {
    var left: Int64
    var description: String {
      "orders come faster than the windows can be filled, which are \(left) events behind: reload again when "
        + "fewer come, or change fewer windows at once"
    }
  }

  /// Fills a draft from the beginning of what its windows can hold until it is close behind the engine.
  ///
  /// `pause` is called now and then, and may end it by throwing. Throws `TooSlow` when it can not come close.
  static func fill(_ draft: RuleSetDraft, from reader: JournalReader, pause: () throws -> Void) throws {
    let start = try start(draft, reader)
    // What came before the journal began is missing, and what retention has deleted.
    let young = start == nil ? try reader.oldestOrder()?.time : nil
    let missing = [young, try reader.prunedBefore()].compactMap(\.self).max()
    draft.begin(after: start?.seq ?? 0, clock: start?.clock, missingBefore: missing)
    for gap in try reader.gaps(through: start?.seq ?? 0) {
      draft.recall(gapOf: gap.source, from: gap.from, to: gap.to, backfilled: gap.backfilled)
    }
    try follow(draft, from: reader, pause: pause)
  }

  /// Takes what has come since, until the draft is close behind the engine again; otherwise as `fill`.
  static func follow(_ draft: RuleSetDraft, from reader: JournalReader, pause: () throws -> Void) throws {
    var before = Int64.max
    var stalls = 0
    while true {
      let end = try reader.lastSequence()
      let left = end - draft.lastSequence
      if left > before / 2 { stalls += 1 }
      if left <= few || (stalls > patience && left <= many) { return }
      if stalls > patience { throw TooSlow(left: left) }
      before = left
      while draft.lastSequence < end {
        let from = draft.lastSequence + 1
        let to = min(end, from + stretch - 1)
        try reader.readBack(in: from...to, batch: batch) { take($0, into: draft) }
        draft.skip(to: to)
        try pause()
      }
    }
  }

  /// Takes what the journal has and the draft has not, at most so many events; on the thread that writes the journal.
  static func take(_ journal: Journal, into draft: RuleSetDraft, most: Int64 = .max) throws {
    let (last, isOverflow) = draft.lastSequence.addingReportingOverflow(most)
    let through = isOverflow ? .max : last
    try journal.readBack(after: draft.lastSequence, through: through, batch: batch) { take($0, into: draft) }
    if !isOverflow { draft.skip(to: min(through, journal.lastSeq())) }
  }

  /// Behind which event everything lies that the windows can hold; nil: from the beginning.
  private static func start(
    _ draft: RuleSetDraft, _ reader: JournalReader
  ) throws(JournalError) -> (seq: Int64, clock: Int64)? {
    guard let memory = draft.memory, let newest = try reader.newestMark() else { return nil }
    return try reader.newestMark(atOrBefore: newest.clock - memory - 1)
  }

  private static func take(_ batch: StoredBatch, into draft: RuleSetDraft) {
    switch batch {
    case .orders(let orders): draft.take(orders)
    case .tick(let seq, let clock): draft.take(tick: seq, time: clock)
    case .gap(let seq, let gap):
      draft.take(gap: seq, source: gap.source, from: gap.from, to: gap.to, backfilled: gap.backfilled)
    }
  }
}
