internal import NIOCore
internal import NIOHTTP1

/// What a connection is told before it is closed when no request of it can be answered in the ordinary way: a whole
/// HTTP answer, with problem JSON (RFC 9457).
struct LastWords: Sendable, Equatable {
  let status: Int
  let detail: String
  /// Further header fields, each with its line end.
  var fields = ""

  static let badRequest = LastWords(
    status: 400, detail: "This is not an HTTP/1.1 request.")
  static let slow = LastWords(
    status: 408, detail: "The request did not come in time.")
  static let tooManyOfOne = LastWords(
    status: 429, detail: "This address has too many open connections.",
    fields: "Retry-After: 10\r\n")
  static let tooManyAtOnce = LastWords(
    status: 429, detail: "Read answers before you send so many requests.",
    fields: "Retry-After: 1\r\n")
  static let severalHosts = LastWords(
    status: 400, detail: "The request names more than one host.")
  static let largeHead = LastWords(
    status: 431, detail: "The head of the request is too large.")
  static let full = LastWords(
    status: 503, detail: "The server has too many open connections.",
    fields: "Retry-After: 10\r\n")
  static let undecided = LastWords(
    status: 503, detail: "The server could not decide on the upgrade in time.",
    fields: "Retry-After: 10\r\n")
  static let version = LastWords(
    status: 505, detail: "The server speaks HTTP/1.1.")

  static let wrongKey = LastWords(
    status: 400, detail: "Sec-WebSocket-Key is not 16 bytes in base64.")
  static let wrongVersion = LastWords(
    status: 426, detail: "The server speaks version 13 of WebSocket.",
    fields: "Sec-WebSocket-Version: 13\r\nUpgrade: websocket\r\n")

  /// The answer as bytes.
  var bytes: ByteBuffer {
    let title = HTTPResponseStatus(statusCode: status).reasonPhrase
    let body =
      "{\"type\":\"about:blank\",\"title\":\"\(title)\",\"status\":\(status),\"detail\":\"\(detail)\"}"
    return ByteBuffer(
      string: "HTTP/1.1 \(status) \(title)\r\nContent-Type: application/problem+json\r\n\(fields)"
        + "Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)")
  }
}
