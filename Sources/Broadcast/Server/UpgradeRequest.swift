internal import Crypto
internal import NIOHTTP1
internal import Net

/// What a request says about becoming a WebSocket (RFC 6455 4.2).
enum UpgradeRequest: Equatable {
  /// It is an ordinary request.
  case none
  /// It is one that may become a WebSocket; the accept key belongs into the answer.
  case webSocket(accept: String)
  /// It cannot become one: the version of the protocol is not 13.
  case wrongVersion
  /// It cannot become one: the key is not 16 bytes of base64.
  case wrongKey

  init(_ head: HTTPRequestHead) {
    let isWebSocket = head.headers[canonicalForm: "upgrade"].contains { $0.lowercased() == "websocket" }
    // A body before the first frame is nothing that RFC 6455 knows.
    guard head.method == .GET, head.version == .http1_1, UpgradeRequest.endsHTTP(head), isWebSocket,
      !head.headers.contains(name: "transfer-encoding"),
      head.headers["content-length"].allSatisfy({ $0 == "0" })
    else {
      self = .none
      return
    }
    guard head.headers["sec-websocket-version"] == ["13"] else {
      self = .wrongVersion
      return
    }
    let keys = head.headers["sec-websocket-key"]
    guard keys.count == 1, UpgradeRequest.isKey(keys[0]) else {
      self = .wrongKey
      return
    }
    self = .webSocket(accept: UpgradeRequest.accept(keys[0]))
  }

  /// Whether what follows a request may be something else than HTTP, so that the decoder stops behind it.
  static func endsHTTP(_ head: HTTPRequestHead) -> Bool {
    if head.method == .CONNECT { return true }
    return head.headers.contains(name: "upgrade")
      && head.headers[canonicalForm: "connection"].contains { $0.lowercased() == "upgrade" }
  }

  /// The answer to a key.
  static func accept(_ key: String) -> String {
    // 1.3: the key and a constant of the protocol.
    let digest = Insecure.SHA1.hash(data: Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
    return Base64.encode(Array(digest))
  }

  /// Whether a text is 16 bytes in Base64.
  private static func isKey(_ key: String) -> Bool { Base64.decode(key)?.count == 16 }
}
