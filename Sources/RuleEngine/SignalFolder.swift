import OrderFlow

/// Folds repeats of one rule's signals: the first of a key fires, later ones inside its hold raise its count.
struct SignalFolder {
  private struct Fired {
    var id: Digest128
    var time: Int64
    var hold: Int64
    var severity: Severity
    var count: Int64
  }

  /// What became of a signal.
  enum Verdict: Equatable {
    case fires
    /// It was folded into `id`, which now stands for `count` repeats.
    case folded(into: Digest128, count: Int64)
  }

  private var fired: [String: Fired] = [:]
  private var queue: [(key: String, id: Digest128, until: Int64)] = []
  private var queueStart = 0
  private let lateness: Int64
  private static var maximumKeys: Int { 100_000 }

  init(lateness: Int64) { self.lateness = lateness }

  /// Decides about a signal at event time `time` with the clock at `clock`.
  ///
  /// The hold runs in event time from the signal that fired: `t − t_first < hold` folds. A key is forgotten
  /// when the watermark has passed its hold: from then on nothing is folded into its signal any more.
  mutating func look(
    key: String, id: Digest128, time: Int64, clock: Int64, hold: Int64, severity: Severity
  ) -> Verdict {
    forget(clock)
    if var known = fired[key], time - known.time < known.hold, clock - lateness < known.time + known.hold,
      severity <= known.severity
    {
      known.count += 1
      fired[key] = known
      return .folded(into: known.id, count: known.count)
    }
    fired[key] = Fired(id: id, time: time, hold: hold, severity: severity, count: 0)
    queue.append((key, id, time + hold))
    if fired.count > SignalFolder.maximumKeys { drop() }
    return .fires
  }

  private mutating func forget(_ clock: Int64) {
    while queueStart < queue.count, queue[queueStart].until + lateness <= clock { drop() }
    if queueStart > 1024, queueStart * 2 > queue.count {
      queue.removeFirst(queueStart)
      queueStart = 0
    }
  }

  private mutating func drop() {
    guard queueStart < queue.count else { return }
    let oldest = queue[queueStart]
    queueStart += 1
    if fired[oldest.key]?.id == oldest.id { fired[oldest.key] = nil }
  }

  /// The keys that still hold, as text for the journal: `key, id, time, hold, severity, count` a line.
  var saved: String {
    fired.sorted { $0.key < $1.key }.map { key, entry in
      "\(key)\t\(entry.id.hex)\t\(entry.time)\t\(entry.hold)\t\(entry.severity.name)\t\(entry.count)\n"
    }.joined()
  }
}
