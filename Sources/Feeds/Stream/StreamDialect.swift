import Net
import NIOCore
import Wire

/// What a message of a stream is, as far as the connection is concerned.
enum MessageKind: Equatable {
  /// It brings an order, which the engine reads.
  case payload
  /// Nobody knows: the engine looks at it, but it does not prove that orders come.
  case unknown
  /// A subscription is accepted, under this id.
  case acknowledgement(String)
  /// The answer to a ping, or anything else that means nothing.
  case idle
  /// The server says something about the connection, such as an error.
  case notice(String)
}

/// How one venue speaks on its stream: what is sent to subscribe, and what its messages mean.
protocol StreamDialect: Sendable {
  /// Where to connect, with the key if there is one.
  func endpoint() throws(WebSocketError) -> WebSocketEndpoint
  /// The messages that subscribe to everything that is wanted; throws when the settings do not allow it.
  func subscriptions() throws(FeedError) -> [String]
  /// The message that ends a subscription; nil when there is none.
  func unsubscription(_ id: String) -> String?
  /// Whether each subscription is acknowledged.
  var isAcknowledged: Bool { get }
  /// Whether the subscriptions follow the watch list.
  var dependsOnWatchList: Bool { get }
  /// What a message means.
  func kind(of message: ByteBuffer) -> MessageKind
  /// The text that keeps the connection up; nil when none is needed.
  var ping: String? { get }
  /// A monitor with the venue's limits.
  func monitor() -> StreamMonitor
}

extension ByteBuffer {
  /// Whether the message begins with these bytes.
  func hasPrefix(_ prefix: StaticString) -> Bool {
    readableBytes >= prefix.utf8CodeUnitCount
      && withUnsafeReadableBytes { bytes in
        bytes.starts(with: UnsafeBufferPointer(start: prefix.utf8Start, count: prefix.utf8CodeUnitCount))
      }
  }

  /// Whether these bytes, of which the first is a quote, stand anywhere in the message.
  func contains(_ words: StaticString) -> Bool {
    withUnsafeReadableBytes { bytes in
      let wanted = UnsafeRawBufferPointer(start: words.utf8Start, count: words.utf8CodeUnitCount)
      var at = 0
      while at + wanted.count <= bytes.count {
        if bytes[at] == UInt8(ascii: "\""), bytes[at...].starts(with: wanted) { return true }
        at += 1
      }
      return false
    }
  }

  /// The beginning of the message as text on one line, for messages to people.
  var excerpt: String {
    let text = String(decoding: readableBytesView.prefix(200), as: UTF8.self)
    return String(text.map { $0.isNewline || $0 == "\t" ? " " : $0 })
  }
}
