/// Where a WebSocket is, and with which limits it is opened.
public struct WebSocketEndpoint: Sendable {
  /// Sent with the request, in this order, after those of the protocol; may hold keys, so never logged.
  public var headers: [(name: String, value: String)] = []
  /// A file with roots (PEM) to trust in addition to the system's. Certificates are always checked.
  public var certificateFile: String?
  /// The limit for one frame and for one message, in bytes.
  public var maximumMessageBytes = 16 << 20
  /// The limit for finding the host, connecting, the proxy and TLS together.
  public var connectTimeout: Duration = .seconds(10)
  /// The limit for the server's answer to the request for a WebSocket.
  public var handshakeTimeout: Duration = .seconds(10)
  /// How long nothing at all may come, not even a ping; nil: for ever.
  public var readTimeout: Duration?
  /// Which proxy to use; those of the environment unless set.
  public var proxy: ProxySettings = .fromEnvironment()

  let url: WebSocketURL

  /// An endpoint at a `ws://` or `wss://` url.
  public init(url: String) throws(WebSocketError) {
    self.url = try WebSocketURL(url)
  }

  /// The url without user, path and query, which may hold a key: safe to log.
  public var display: String { url.display }

  /// What must not appear in a message.
  public var redactor: Redactor {
    let values = headers.flatMap { [$0.value] + $0.value.split(separator: " ").map(String.init) }
    return Redactor(url.secrets + values)
  }

  /// The bytes of the request for a WebSocket.
  func request(key: String) throws(WebSocketError) -> String {
    var text = "GET \(url.target) HTTP/1.1\r\nHost: \(url.authority)\r\n"
    text += "Upgrade: websocket\r\nConnection: Upgrade\r\n"
    text += "Sec-WebSocket-Key: \(key)\r\nSec-WebSocket-Version: 13\r\n"
    let names = headers.map { $0.name.lowercased() }
    // Some servers turn away who does not say what they are.
    if !names.contains("user-agent") { text += "User-Agent: betterbot\r\n" }
    if let user = url.userInfo, !names.contains("authorization") {
      text += "Authorization: \(PercentCoding.basicAuthorization(user))\r\n"
    }
    for (name, value) in headers {
      let isName = !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") }
      guard isName else {
        throw WebSocketError(.badHeader, "\(display): a header's name is empty or has wrong characters")
      }
      guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
        throw WebSocketError(
          .badHeader, "\(display): the value of header \(name) has a line break or another control character")
      }
      text += "\(name): \(value)\r\n"
    }
    return text + "\r\n"
  }
}
