import Synchronization

/// The newest messages that are not signals.
///
/// A subscriber that is too far behind misses some; they are for watching, and what they tell is in the journal.
final class NoticeRing: Sendable {
  /// One message.
  struct Notice: Sendable {
    var number: UInt64
    var topic: StreamTopic
    var payload: [UInt8]
  }

  private struct State {
    var notices: [Notice] = []
    var last: UInt64 = 0
  }

  private let state = Mutex(State())
  /// How many are kept.
  static let capacity = 256

  /// Takes a message in; `payload` is a JSON object with its `type`.
  func append(_ topic: StreamTopic, _ payload: [UInt8]) {
    state.withLock { state in
      state.last += 1
      state.notices.append(Notice(number: state.last, topic: topic, payload: payload))
      if state.notices.count > NoticeRing.capacity { state.notices.removeFirst(NoticeRing.capacity / 4) }
    }
  }

  /// The number of the newest.
  var last: UInt64 { state.withLock { $0.last } }

  /// Those behind a number.
  func read(after number: UInt64) -> [Notice] {
    state.withLock { state in
      number >= state.last ? [] : Array(state.notices.drop { $0.number <= number })
    }
  }
}
