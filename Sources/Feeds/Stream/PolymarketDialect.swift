import Net
import NIOCore

/// Polymarket's real-time data stream: every trade with its wallet, undocumented, without acknowledgement.
///
/// Client README of Polymarket/real-time-data-client 4d049eb; the text `PING` goes out every 5 s.
struct PolymarketDialect: StreamDialect {
  let settings: PolymarketSettings

  var isAcknowledged: Bool { false }
  var dependsOnWatchList: Bool { false }
  var ping: String? { "PING" }

  func endpoint() throws(WebSocketError) -> WebSocketEndpoint {
    var endpoint = try WebSocketEndpoint(url: settings.url)
    endpoint.certificateFile = settings.certificateFile
    return endpoint
  }

  func subscriptions() -> [String] {
    [#"{"action":"subscribe","subscriptions":[{"topic":"activity","type":"trades"}]}"#]
  }

  func unsubscription(_ id: String) -> String? { nil }

  func kind(of message: ByteBuffer) -> MessageKind {
    // The venue sends empty messages too.
    if message.readableBytes <= 4, message.readableBytes == 0 || message.hasPrefix("PONG") { return .idle }
    return message.contains(#""trades""#) ? .payload : .unknown
  }

  func monitor() -> StreamMonitor {
    StreamMonitor(
      silence: settings.silence, acknowledgeWithin: settings.silence, pingEvery: settings.pingEvery)
  }
}
