/// The web pages that may use the server from a browser: its own, and those that are configured.
public struct OriginPolicy: Sendable, Equatable {
  /// What the Origin headers of a request say.
  enum Finding: Equatable {
    /// There is none: no page asks, or it reads from its own server.
    case none
    /// A page of this server.
    case own
    /// A page that is configured.
    case configured
    case refused
  }

  private let allowed: Set<WebOrigin>

  /// Allows these pages beside the server's own; what is no origin, which `isOrigin` tells, is left out.
  public init(_ origins: [String] = []) { allowed = Set(origins.compactMap { WebOrigin($0) }) }

  /// Whether a text may be among the origins: `scheme://host[:port]` and nothing behind it.
  public static func isOrigin(_ text: String) -> Bool { WebOrigin(text) != nil }

  /// Looks at the Origin headers of a request to a host.
  func check(_ headers: [String], host: Authority, isTLS: Bool) -> Finding {
    if headers.isEmpty { return .none }
    guard headers.count == 1, let origin = WebOrigin(headers[0]) else { return .refused }
    if allowed.contains(origin) { return .configured }
    return origin == WebOrigin(isSecure: isTLS, host) ? .own : .refused
  }

  // MARK: Headers of answers

  /// What an answer says so that the page may read it; nothing unless its origin is configured.
  ///
  /// `origin` is the request's Origin header.
  public func headers(for origin: String?) -> [(name: String, value: String)] {
    if allowed.isEmpty { return [] }
    guard let origin, let parsed = WebOrigin(origin), allowed.contains(parsed) else {
      // A cache must not give one page the answer to another.
      return [("Vary", "Origin")]
    }
    return [
      ("Vary", "Origin"), ("Access-Control-Allow-Origin", origin),
      ("Access-Control-Expose-Headers", "Retry-After, Link"),
    ]
  }

  /// What the answer to a browser's question before a request says; nothing unless the origin is configured.
  public func preflightHeaders(for origin: String?) -> [(name: String, value: String)] {
    let headers = headers(for: origin)
    guard headers.contains(where: { $0.name == "Access-Control-Allow-Origin" }) else { return headers }
    return headers + [
      ("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE"),
      ("Access-Control-Allow-Headers", "Authorization, Content-Type, Last-Event-ID"),
      ("Access-Control-Max-Age", "600"),
    ]
  }
}
