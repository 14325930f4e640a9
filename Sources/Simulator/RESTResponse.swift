/// An answer to a request: JSON with a status.
struct RESTResponse: Equatable, Sendable {
  var status: Int
  var body: [UInt8]
  /// Seconds after which to ask again.
  var retryAfter: Int?

  /// A result.
  init(_ body: [UInt8]) {
    status = 200
    self.body = body
  }

  /// An error, with members that the clients of either venue read.
  init(status: Int, code: String, message: String, retryAfter: Int? = nil) {
    self.status = status
    self.retryAfter = retryAfter
    body = []
    body.append("{\"error\":")
    body.append(quoted: code)
    body.append(",\"message\":")
    body.append(quoted: message)
    body.append(",\"code\":")
    body.append(quoted: code)
    body.append(retryAfter == nil ? ",\"retryable\":false}" : ",\"retryable\":true}")
  }

  static let unauthorized = RESTResponse(
    status: 401, code: "unauthorized", message: "the key is missing or wrong")

  static func bad(_ message: String) -> RESTResponse {
    RESTResponse(status: 400, code: "bad_request", message: message)
  }
}
