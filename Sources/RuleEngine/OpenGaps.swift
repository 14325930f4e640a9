/// The stretches of feeds that were lost and are not filled, by event time in ms.
///
/// A gap whose end nobody knows yet reaches into the future: its `to` is its `from`.
struct OpenGaps: Equatable, Sendable {
  private struct Gap: Equatable {
    var from: Int64
    /// The beginning of the youngest of the gaps that have become this one.
    var lastFrom: Int64
    /// `from` while the end is not known.
    var to: Int64
    /// Where the feed's next gap begins: this one ends there at the latest.
    var bound = Int64.max

    var isEnded: Bool { to > from }
    var end: Int64 { isEnded ? to : bound }
  }

  /// A feed has no more gaps than this; past it the two oldest become one, and what lay between them with it.
  static let maximum = 1_000

  // Of each feed, the oldest first.
  private var gaps: [String: [Gap]] = [:]

  /// Nothing is lost yet.
  init() {}

  /// Whether nothing is lost.
  var isEmpty: Bool { gaps.isEmpty }

  /// How many stretches are lost, those that became one counted as one.
  var count: Int { gaps.values.reduce(0) { $0 + $1.count } }

  /// Takes a report of a feed. The same beginning again moves the end forward; a gap that is filled goes, and
  /// with it the feed's older ones, because gaps are filled in their order. False when it says nothing new.
  @discardableResult
  mutating func note(source: String, from: Int64, to: Int64, backfilled: Bool) -> Bool {
    var known = gaps.removeValue(forKey: source) ?? []
    defer { if !known.isEmpty { gaps[source] = known } }
    if backfilled {
      known.removeAll { $0.lastFrom <= max(from, to) }
      // Also when nothing goes: what was lost before the first order is told when it is filled.
      return true
    }
    if let place = known.firstIndex(where: { $0.from <= from && from <= $0.lastFrom }) {
      // The end of a gap that became a part of another says nothing about the end of the whole.
      guard from == known[place].lastFrom, to > known[place].to else { return false }
      known[place].to = to
      return true
    }
    let place = known.firstIndex { $0.from > from } ?? known.count
    // A gap of an earlier run may begin behind this one, which then tells nothing of its end.
    if place > 0, place == known.count { known[place - 1].bound = from }
    known.insert(Gap(from: from, lastFrom: from, to: max(from, to)), at: place)
    if known.count > OpenGaps.maximum {
      let first = known.removeFirst()
      let isEnded = known[0].isEnded
      known[0].to = isEnded ? max(first.to, known[0].to) : first.from
      known[0].from = first.from
    }
    return true
  }

  /// Whether anything of a stretch of event time, both ends included, is lost.
  func overlaps(_ from: Int64, _ to: Int64) -> Bool {
    gaps.values.contains { known in
      known.contains { $0.from <= to && $0.end >= from }
    }
  }

  /// Forgets the gaps that end before a time: nobody looks back that far any more.
  mutating func forget(before time: Int64) {
    for (source, var known) in gaps {
      known.removeAll { $0.end < time }
      gaps[source] = known.isEmpty ? nil : known
    }
  }
}
