public import OrderFlow

/// Holds the signals of two rule sets against each other as they come.
///
/// Signals are matched by their ids, which name rule, event and ordinal. What both say alike is forgotten as soon
/// as nothing can be folded into it any more, so that memory is bounded by the differences and the open holds.
public struct SignalLedger: Sendable {
  private struct Held: Sendable {
    var signal: Signal
    /// From this clock on its count stays as it is.
    var settlesAt: Int64
  }

  private struct Entry: Sendable {
    var place: Int
    var before: Held?
    var after: Held?

    var seq: Int64 { before?.signal.seq ?? after?.signal.seq ?? 0 }
    var isOnBoth: Bool { before != nil && after != nil }
    var settlesAt: Int64 { max(before?.settlesAt ?? .min, after?.settlesAt ?? .min) }
  }

  /// How many signals of each rule both sets gave alike.
  public private(set) var same: [String: Int] = [:]
  private var entries: [Digest128: Entry] = [:]
  private var next = 0
  private var limit = 4096

  /// How much longer a count may grow than its hold lasts, ms.
  private let lateness: Int64

  /// Nothing yet; counts settle `lateness` ms after the holds of their signals.
  public init(lateness: Int64 = 0) { self.lateness = lateness }

  /// Takes a signal of one side; the same id again counts once.
  public mutating func add(_ signal: Signal, settlesAt: Int64, to side: DiffSide) {
    var entry = entries[signal.id] ?? Entry(place: next)
    next += 1
    let held = Held(signal: signal, settlesAt: settlesAt)
    switch side {
    case .before: entry.before = entry.before ?? held
    case .after: entry.after = entry.after ?? held
    }
    entries[signal.id] = entry
  }

  /// Raises the count of a signal.
  public mutating func fold(_ id: Digest128, _ count: Int64, on side: DiffSide) {
    switch side {
    case .before: entries[id]?.before?.signal.foldCount = count
    case .after: entries[id]?.after?.signal.foldCount = count
    }
  }

  /// Forgets what both sides say alike and cannot change after `clock`; when both have seen all events up to it.
  public mutating func settle(at clock: Int64) {
    if entries.count < limit { return }
    for (id, entry) in entries where entry.isOnBoth && entry.settlesAt <= clock {
      guard let before = entry.before, let after = entry.after, SignalLedger.agree(before, after) else {
        continue
      }
      same[before.signal.rule, default: 0] += 1
      entries[id] = nil
    }
    limit = max(4096, entries.count * 2)
  }

  private static func agree(_ before: Held, _ after: Held) -> Bool {
    var signal = after.signal
    signal.version = before.signal.version
    return signal == before.signal
  }

  /// Ends the comparison: the differences, in the order in which their signals came.
  public mutating func finish() -> [SignalDifference] {
    var differences: [SignalDifference] = []
    var open: [(held: Held, side: DiffSide)] = []
    // Within a batch all of one side come before all of the other.
    for entry in entries.values.sorted(by: { ($0.seq, $0.place) < ($1.seq, $1.place) }) {
      switch (entry.before, entry.after) {
      case (let before?, let after?):
        if SignalLedger.agree(before, after) {
          same[before.signal.rule, default: 0] += 1
        } else {
          differences.append(
            SignalDifference(
              kind: .changed, before: before.signal, after: after.signal,
              changes: before.signal.changes(to: after.signal)))
        }
      case (let before?, nil): open.append((before, .before))
      case (nil, let after?): open.append((after, .after))
      case (nil, nil): break
      }
    }
    entries = [:]
    differences += pair(open)
    return differences.sorted {
      ($0.shown?.seq ?? 0, $0.shown?.rule ?? "") < ($1.shown?.seq ?? 0, $1.shown?.rule ?? "")
    }
  }

  /// Takes together what one side says earlier of the same key than the other.
  ///
  /// Two signals are one that moved when the earlier, had it fired on both sides, would have folded the later.
  private func pair(_ open: [(held: Held, side: DiffSide)]) -> [SignalDifference] {
    var differences: [SignalDifference] = []
    /// The last signal of a rule and key that has no partner yet, by its place in `differences`.
    var waiting: [[String]: (place: Int, holdsUntil: Int64, side: DiffSide)] = [:]
    for (held, side) in open {
      let signal = held.signal
      let name = [signal.rule, signal.key]
      if !signal.key.isEmpty, let earlier = waiting[name], earlier.side != side,
        signal.time < earlier.holdsUntil
      {
        waiting[name] = nil
        differences[earlier.place].kind = .moved
        if side == .before {
          differences[earlier.place].before = signal
        } else {
          differences[earlier.place].after = signal
        }
        if let before = differences[earlier.place].before, let after = differences[earlier.place].after {
          differences[earlier.place].changes = before.changes(to: after).filter { $0.name == "severity" }
        }
        continue
      }
      if !signal.key.isEmpty, held.settlesAt != .min {
        waiting[name] = (differences.count, held.settlesAt - lateness, side)
      }
      differences.append(
        side == .before
          ? SignalDifference(kind: .gone, before: signal) : SignalDifference(kind: .new, after: signal))
    }
    return differences
  }
}
