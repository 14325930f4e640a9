/// The parts of a `ws://` or `wss://` url.
struct WebSocketURL: Sendable, Equatable {
  /// True for `wss`.
  let isSecure: Bool
  /// A name or an address, without the brackets of IPv6.
  let host: String
  /// The port, also where the url leaves it to the scheme.
  let port: Int
  /// Path and query as they are sent: at least `/`.
  let target: String
  /// User and password as they are in the url; nil when it has none.
  let userInfo: String?

  private static let advice = "write it like wss://example.com/stream"

  /// Reads a url; the messages of its errors do not repeat it, as it may hold a key.
  init(_ text: String) throws(WebSocketError) {
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw WebSocketError(
        .badURL, "the url has a space or another character that must be written as %XX: check it for typos")
    }
    let scheme = text.prefix { $0 != ":" }.lowercased()
    guard scheme == "ws" || scheme == "wss", text.dropFirst(scheme.count).hasPrefix("://") else {
      throw WebSocketError(.badURL, "the url does not begin with ws:// or wss://: \(WebSocketURL.advice)")
    }
    isSecure = scheme == "wss"
    let rest = text.dropFirst(scheme.count + 3).prefix { $0 != "#" }
    var authority = rest.prefix { $0 != "/" && $0 != "?" }
    let path = rest[authority.endIndex...]
    target = path.hasPrefix("/") ? String(path) : "/" + path
    if let at = authority.lastIndex(of: "@") {
      userInfo = String(authority[..<at])
      authority = authority[authority.index(after: at)...]
    } else {
      userInfo = nil
    }
    guard let place = HostAndPort(authority, defaultPort: isSecure ? 443 : 80) else {
      throw WebSocketError(.badURL, "the url's host or port is wrong: \(WebSocketURL.advice)")
    }
    host = place.host
    port = place.port
  }

  /// Host and, where it is not the scheme's own, port: what the header `Host` says.
  var authority: String {
    let name = host.contains(":") ? "[\(host)]" : host
    return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
  }

  /// The url without user, path and query: safe to log.
  var display: String {
    "\(isSecure ? "wss" : "ws")://\(authority)\(target == "/" ? "" : "/…")"
  }

  /// Everything in the url that may be a key: the path and query, each piece of them, and the user.
  var secrets: [String] {
    let pieces = target.split { "/?&=;,".contains($0) }.map(String.init)
    let user = userInfo.map { [$0] + $0.split(separator: ":").map(String.init) } ?? []
    let all = pieces + user + [target]
    return all + all.map(PercentCoding.decode)
  }
}
