/// What the streams of signals have done, for metrics.
public struct StreamCounts: Sendable, Equatable {
  /// Why the server closed a stream.
  public enum Closing: String, Sendable, CaseIterable {
    /// The subscriber did not read what it was sent.
    case slow
    /// Its token ended.
    case revoked
    /// The server ends.
    case shutdown
    /// The journal could not be read for it.
    case trouble
  }

  /// Open WebSockets.
  public var webSockets = 0
  /// Open streams of server-sent events.
  public var eventStreams = 0
  /// Signals sent, each to each subscriber.
  public var signalsSent: UInt64 = 0
  /// Streams that the server closed, by reason.
  public var closed: [Closing: UInt64] = [:]
  /// Reads from the store for subscribers that lag behind the ring.
  public var storeReads: UInt64 = 0

  /// Nobody has come yet.
  public init() {}

  /// Writes the families of streams.
  public func write(to text: inout PrometheusText) {
    text.family("betterbot_subscribers", .gauge, "Open streams of signals.") { family in
      family.sample([("kind", "websocket")], Double(webSockets))
      family.sample([("kind", "sse")], Double(eventStreams))
    }
    text.family(
      "betterbot_stream_signals_sent_total", .counter, "Signals sent, each to each subscriber.", signalsSent)
    text.family("betterbot_stream_closed_total", .counter, "Streams that the server closed.") { family in
      for reason in Closing.allCases { family.sample([("reason", reason.rawValue)], closed[reason] ?? 0) }
    }
    text.family(
      "betterbot_stream_store_reads_total", .counter,
      "Reads from the store for subscribers that lag behind.", storeReads)
  }
}
