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

  // MARK: Keeping it

  /// The keys that still hold, as text for the journal: `id, time, hold, severity, count, key` a line, those that
  /// end first in front.
  ///
  /// A key is whatever a rule wrote; a backslash, a newline and a tab in it are escaped.
  var saved: String {
    // In this order already, but for late orders and holds that differ: much cheaper than sorting all keys anew.
    let holding = queue[queueStart...].sorted { ($0.until, $0.key) < ($1.until, $1.key) }
    var text = ""
    text.reserveCapacity(holding.count * 160)
    for (key, id, _) in holding {
      guard let entry = fired[key], entry.id == id else { continue }
      text += SignalFolder.line(
        key: key, id: id, time: entry.time, hold: entry.hold, severity: entry.severity, count: entry.count)
    }
    return text
  }

  /// One key that is held, as a line of `saved`.
  static func line(
    key: String, id: Digest128, time: Int64, hold: Int64, severity: Severity, count: Int64
  ) -> String {
    "\(id.hex)\t\(time)\t\(hold)\t\(severity.name)\t\(count)\t\(escaped(key))\n"
  }

  /// Puts back what `saved` gave; lines that are none of its are left out.
  mutating func restore(_ text: String) {
    fired = [:]
    queue = []
    queueStart = 0
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: "\t", omittingEmptySubsequences: false)
      guard parts.count == 6, let id = Digest128(hex: parts[0]), let time = Int64(parts[1]),
        let hold = Int64(parts[2]), let severity = Severity(name: String(parts[3])),
        let count = Int64(parts[4])
      else { continue }
      let key = SignalFolder.unescaped(parts[5])
      fired[key] = Fired(id: id, time: time, hold: hold, severity: severity, count: count)
      queue.append((key, id, time &+ hold))
    }
    queue.sort { ($0.until, $0.key) < ($1.until, $1.key) }
  }

  private static func escaped(_ key: String) -> String {
    if key.utf8.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\\") }) { return key }
    return key.unicodeScalars.map { scalar in
      switch scalar {
      case "\\": "\\\\"
      case "\n": "\\n"
      case "\t": "\\t"
      // A carriage return would make one character of itself and the newline behind it.
      case "\r": "\\r"
      default: String(scalar)
      }
    }.joined()
  }

  private static func unescaped(_ text: Substring) -> String {
    var result = String.UnicodeScalarView()
    var isEscape = false
    for scalar in text.unicodeScalars {
      if isEscape {
        result.append(scalar == "n" ? "\n" : scalar == "t" ? "\t" : scalar == "r" ? "\r" : scalar)
        isEscape = false
      } else if scalar == "\\" {
        isEscape = true
      } else {
        result.append(scalar)
      }
    }
    return String(result)
  }
}
