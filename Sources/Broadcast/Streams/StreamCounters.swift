import Synchronization

/// What streams have done since the start, for whoever watches.
final class StreamCounters: Sendable {
  private let webSockets = Atomic<Int>(0)
  private let serverSent = Atomic<Int>(0)
  private let sent = Atomic<UInt64>(0)
  private let storeReads = Atomic<UInt64>(0)
  private let slow = Atomic<UInt64>(0)
  private let revoked = Atomic<UInt64>(0)
  private let shutdown = Atomic<UInt64>(0)
  private let trouble = Atomic<UInt64>(0)

  func noteOpen(_ kind: StreamKind, _ change: Int) {
    switch kind {
    case .webSocket: webSockets.add(change, ordering: .relaxed)
    case .serverSent: serverSent.add(change, ordering: .relaxed)
    }
  }

  func noteSent(_ count: Int) { sent.add(UInt64(count), ordering: .relaxed) }
  func noteStoreRead() { storeReads.add(1, ordering: .relaxed) }

  func noteClosed(_ end: StreamEnd) {
    switch end {
    case .slow: slow.add(1, ordering: .relaxed)
    case .notAllowed: revoked.add(1, ordering: .relaxed)
    case .shutdown: shutdown.add(1, ordering: .relaxed)
    case .trouble: trouble.add(1, ordering: .relaxed)
    }
  }

  /// Subscribers that are connected now.
  func subscribers(_ kind: StreamKind) -> Int {
    switch kind {
    case .webSocket: webSockets.load(ordering: .relaxed)
    case .serverSent: serverSent.load(ordering: .relaxed)
    }
  }

  /// Everything as of now.
  var counts: StreamCounts {
    var counts = StreamCounts()
    counts.webSockets = subscribers(.webSocket)
    counts.eventStreams = subscribers(.serverSent)
    counts.signalsSent = sent.load(ordering: .relaxed)
    counts.storeReads = storeReads.load(ordering: .relaxed)
    counts.closed = [
      .slow: slow.load(ordering: .relaxed), .revoked: revoked.load(ordering: .relaxed),
      .shutdown: shutdown.load(ordering: .relaxed), .trouble: trouble.load(ordering: .relaxed),
    ]
    return counts
  }
}
