/// Why there is no answer to a request; holds no secrets, so it is safe to log.
public struct HTTPError: Error, Equatable, CustomStringConvertible {
  /// What went wrong.
  public enum Code: Equatable, Sendable {
    /// The url cannot be used.
    case badURL
    /// A header cannot be sent.
    case badHeader
    /// The host's name has no address.
    case cannotResolve
    /// The host refuses connections at this port.
    case refused
    /// The host's address is not of the public internet, and only those are allowed.
    case notPublic
    /// There is no way to the host.
    case unreachable
    /// Something took longer than its limit.
    case timedOut
    /// The server's certificate, or the file of an own root, is no good.
    case certificate
    /// TLS could not be agreed on.
    case tls
    /// The proxy of the environment is no good.
    case proxy
    /// The body is above the limit.
    case tooBig
    /// The server sent the client elsewhere.
    case redirected
    /// The answer broke off or is no HTTP.
    case badResponse
    /// Too many requests wait already.
    case busy
    /// The task was cancelled.
    case cancelled
    /// The client was shut down.
    case shutDown
  }

  /// What went wrong.
  public let code: Code
  /// The url, with its user and the values of key-like parameters hidden.
  public let url: String
  /// One line for the user: where it was, what was wrong, what to do.
  public var description: String { "\(url): \(text)" }

  private let text: String

  init(_ code: Code, _ url: SafeURL, _ text: String) {
    self.code = code
    self.url = url.text
    self.text = text
  }
}
