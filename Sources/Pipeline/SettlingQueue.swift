import OrderFlow
import RuleEngine

/// Holds signals back until nothing can be folded into them any more, so that lines carry the final count.
///
/// They leave in the order they came in. What waits is bounded by the signals inside the longest hold.
struct SettlingQueue {
  private var waiting: [EmittedSignal] = []
  private var first = 0
  private var places: [Digest128: Int] = [:]
  private var removed = 0

  /// Takes a new signal.
  mutating func append(_ signal: EmittedSignal) {
    if signal.settlesAt != .min { places[signal.signal.id] = removed + waiting.count }
    waiting.append(signal)
  }

  /// Raises the count of a signal that is still held back.
  mutating func fold(_ id: Digest128, _ count: Int64) {
    if let place = places[id] { waiting[place - removed].signal.foldCount = count }
  }

  /// Hands over what has settled at `clock`.
  mutating func drain(_ clock: Int64, _ body: (Signal) throws -> Void) rethrows {
    while first < waiting.count, waiting[first].settlesAt <= clock {
      let signal = waiting[first].signal
      first += 1
      if !places.isEmpty { places[signal.id] = nil }
      try body(signal)
    }
    if first > 4096, first * 2 > waiting.count {
      waiting.removeFirst(first)
      removed += first
      first = 0
    }
  }
}
