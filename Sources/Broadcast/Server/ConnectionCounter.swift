internal import Synchronization

/// Counts what is open, in all and for each key, and says when it is too much. Safe to use from any thread.
///
/// Its memory is bounded by the total: a key is forgotten with its last connection.
package final class ConnectionCounter<Key: Hashable & Sendable>: Sendable {
  /// Why one more was refused.
  package enum Refusal: Error, Sendable {
    /// As many are open as there may be at all.
    case full
    /// This key has as many as it may have.
    case tooManyOfOne
  }

  private struct State {
    var total = 0
    var each: [Key: Int] = [:]
  }

  /// How many may be open at a time.
  package let maximum: Int
  /// How many of one key.
  package let maximumEach: Int
  private let state = Mutex(State())

  package init(maximum: Int, maximumEach: Int) {
    self.maximum = maximum
    self.maximumEach = maximumEach
  }

  /// How many are open.
  package var total: Int { state.withLock { $0.total } }

  /// How many of this key are open.
  package func count(of key: Key) -> Int { state.withLock { $0.each[key] ?? 0 } }

  /// Counts one more, which must be given back once by ``close(_:)``, or says why there may not be one.
  package func open(_ key: Key) throws(Refusal) {
    let refusal: Refusal? = state.withLock { state in
      if state.total >= maximum { return .full }
      let count = state.each[key] ?? 0
      if count >= maximumEach { return .tooManyOfOne }
      state.total += 1
      state.each[key] = count + 1
      return nil
    }
    if let refusal { throw refusal }
  }

  /// Counts one less.
  package func close(_ key: Key) {
    state.withLock { state in
      guard let count = state.each[key] else { return }
      state.total -= 1
      state.each[key] = count > 1 ? count - 1 : nil
    }
  }
}
