import OrderFlow
import Synchronization

/// The newest committed signals, for subscribers that keep up; others read the journal.
final class SignalRing: Sendable {
  private struct State {
    var entries: [StreamEntry?]
    /// Where the oldest is.
    var first = 0
    var count = 0
    var bytes = 0
    /// Every signal behind this number is here.
    var floor: Int64
    /// The number of the newest signal.
    var last: Int64

    func entry(_ place: Int) -> StreamEntry? { entries[(first + place) % entries.count] }
  }

  private let state: Mutex<State>
  private let maximumBytes: Int

  /// A ring behind the signals that are stored already, up to number `last`.
  init(after last: Int64 = 0, capacity: Int = 8192, maximumBytes: Int = 16 << 20) {
    self.maximumBytes = maximumBytes
    state = Mutex(
      State(entries: Array(repeating: nil, count: max(capacity, 1)), floor: last, last: last))
  }

  /// The number of the newest signal.
  var last: Int64 { state.withLock { $0.last } }

  /// Every signal behind this number is here; those up to it are stored, or were.
  var floor: Int64 { state.withLock { $0.floor } }

  /// Begins behind the signals that are stored already; before the first one comes.
  func begin(after last: Int64) {
    state.withLock { state in
      guard state.count == 0 else { return }
      state.floor = last
      state.last = last
    }
  }

  /// Takes signals in, in their order, once they are committed.
  func append(_ signals: [NumberedSignal]) {
    state.withLock { state in
      for numbered in signals where numbered.number > state.last {
        let entry = StreamEntry(numbered)
        while state.count > 0, state.count == state.entries.count || state.bytes + entry.size > maximumBytes {
          SignalRing.dropOldest(&state)
        }
        state.entries[(state.first + state.count) % state.entries.count] = entry
        state.count += 1
        state.bytes += entry.size
        state.last = numbered.number
      }
    }
  }

  private static func dropOldest(_ state: inout State) {
    guard let oldest = state.entry(0) else { return }
    state.entries[state.first] = nil
    state.first = (state.first + 1) % state.entries.count
    state.count -= 1
    state.bytes -= oldest.size
    state.floor = oldest.number
  }

  /// The next signals behind a number, at most `most`; nil when some of them are not here any more.
  func window(after number: Int64, most: Int) -> StreamWindow? {
    state.withLock { state in
      if number < state.floor { return nil }
      var low = 0
      var high = state.count
      while low < high {
        let middle = (low + high) / 2
        if let entry = state.entry(middle), entry.number <= number { low = middle + 1 } else { high = middle }
      }
      let end = min(state.count, low + most)
      return StreamWindow(
        floor: number, last: state.last, entries: (low..<end).compactMap { state.entry($0) })
    }
  }

  /// The newest signals, at most `most`, as a piece that subscribers share.
  func tail(most: Int) -> StreamWindow {
    state.withLock { state in
      let begin = max(0, state.count - most)
      let floor = begin > 0 ? state.entry(begin - 1)?.number ?? state.floor : state.floor
      return StreamWindow(
        floor: floor, last: state.last, entries: (begin..<state.count).compactMap { state.entry($0) })
    }
  }
}

/// A piece of the ring as of one moment.
struct StreamWindow: Sendable {
  /// Every signal behind this number is here.
  var floor: Int64
  /// The number of the newest signal.
  var last: Int64
  /// Oldest first.
  var entries: [StreamEntry]

  /// Where the entries behind a number begin.
  func place(after number: Int64) -> Int {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].number <= number { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
