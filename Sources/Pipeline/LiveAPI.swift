import Broadcast
import Feeds
import Logging
import OrderFlow
import RuleEngine
import Synchronization
import Wire

/// The server beside a run, as the engine's thread and others tell it things; a run without one tells nobody.
final class LiveAPI: Sendable {
  private let server = Mutex<BroadcastServer?>(nil)
  private let started = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

  /// The server, once there is one.
  var current: BroadcastServer? { server.withLock { $0 } }

  /// There is one from here on.
  func set(_ new: BroadcastServer) { server.withLock { $0 = new } }

  /// There is none any more.
  func clear() { server.withLock { $0 = nil } }

  /// The journal is there, with signals up to this number.
  func begin(after number: Int64) {
    current?.begin(after: number)
    started.continuation.yield()
  }

  /// Ends the server, or keeps it from beginning.
  func stop() {
    started.continuation.finish()
    current?.stop()
  }

  /// The server once the journal is there; nil when there is none, or the run ends before.
  func whenStarted() async -> BroadcastServer? {
    guard let server = current else { return nil }
    for await _ in started.stream { return server }
    return nil
  }

  /// Passes on what a transaction has made true.
  func publish(_ signals: [NumberedSignal], _ chunks: [LiveChunk]) {
    guard let server = current else { return }
    if !signals.isEmpty { server.publish(signals) }
    for chunk in chunks {
      if case .reload(let entry) = chunk { server.tell(.reloads, LiveAPI.message(entry)) }
      for failure in chunk.output?.failures ?? [] { server.tell(.errors, LiveAPI.message(failure)) }
    }
  }

  /// Tells of every change of the feeds until it is cancelled.
  func watch(_ feeds: [FeedBoard]) async {
    var known = feeds.map(\.snapshot)
    while !Task.isCancelled {
      try? await Task.sleep(for: .milliseconds(250))
      guard let server = current else { continue }
      for (place, feed) in feeds.enumerated() {
        let now = feed.snapshot
        let before = known[place]
        known[place] = now
        if now.state != before.state || now.gaps != before.gaps || now.openGaps != before.openGaps
          || now.auditFound != before.auditFound
        {
          server.tell(.feeds, LiveAPI.message(now))
        }
      }
    }
  }

  // MARK: Messages

  private static func message(_ failure: RuleFailure) -> [UInt8] {
    var writer = JSONWriter()
    writer.object {
      $0.member("type", "rule_error")
      $0.member("rule", failure.rule)
      $0.member("version", failure.version)
      $0.member("seq", failure.seq)
      $0.member("kind", failure.kind)
      $0.member("hook", failure.hook)
      $0.member("message", failure.message)
    }
    return writer.bytes
  }

  private static func message(_ entry: ReloadEntry) -> [UInt8] {
    var writer = JSONWriter()
    writer.object {
      $0.member("type", "reload")
      $0.member("outcome", entry.outcome.kind.rawValue)
      $0.member("version", entry.outcome.version)
      $0.member("previous", entry.outcome.previous)
      $0.member("text", TerminalText.line(entry.outcome.text))
    }
    return writer.bytes
  }

  private static func message(_ feed: FeedStatus) -> [UInt8] {
    var writer = JSONWriter()
    writer.object {
      $0.member("type", "feed")
      $0.member("feed", feed.name)
      $0.member("state", feed.state.rawValue)
      $0.member("gaps", feed.gaps)
      $0.member("open_gaps", feed.openGaps)
      $0.member("audit_found", feed.auditFound)
      $0.member("last_error", feed.lastError.isEmpty ? nil : feed.lastError)
    }
    return writer.bytes
  }
}
