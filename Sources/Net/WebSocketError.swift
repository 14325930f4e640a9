/// Why a WebSocket could not be opened or broke off; holds no secrets, so it is safe to log.
public struct WebSocketError: Error, Equatable, CustomStringConvertible {
  /// What went wrong.
  public enum Code: Equatable, Sendable {
    /// The url is not one of a WebSocket.
    case badURL
    /// A header of the endpoint cannot be sent.
    case badHeader
    /// The host's name has no address.
    case cannotResolve
    /// The host refuses connections at this port.
    case refused
    /// There is no way to the host, or the network failed.
    case unreachable
    /// Something took longer than its limit.
    case timedOut
    /// The server's certificate, or the file of an own root, is no good.
    case certificate
    /// TLS could not be agreed on.
    case tls
    /// The proxy refused, or its address is no good.
    case proxy
    /// The server answered the request for a WebSocket with this HTTP status.
    case handshake(status: Int)
    /// The server speaks something else.
    case notWebSocket
    /// The server broke the protocol.
    case protocolViolation
    /// A message is above the limit.
    case messageTooBig
    /// The connection is gone.
    case closed
    /// The task was cancelled.
    case cancelled
  }

  /// What went wrong.
  public let code: Code
  /// One line for the user: where it was, what was wrong, what to do.
  public let description: String

  init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }

  static let cancelled = WebSocketError(.cancelled, "the connection was given up: its task was cancelled")
}
