/// What a peer said when it closed a WebSocket.
public struct WebSocketCloseReason: Sendable, Equatable, CustomStringConvertible {
  /// The code of RFC 6455 7.4, like 1000 for an ordinary end; nil when the peer gave none.
  public let code: UInt16?
  /// The text that came with it, on one line and without secrets; often empty.
  public let text: String

  init(code: UInt16?, text: String) {
    self.code = code
    self.text = text
  }

  /// The code and the text, like `1008 subscribe first`.
  public var description: String {
    let number = code.map { "\($0)" } ?? "no code"
    return text.isEmpty ? number : "\(number) \(text)"
  }
}
