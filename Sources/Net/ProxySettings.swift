internal import Glibc

/// Which connections go through a proxy, by the customary environment variables.
///
/// `http_proxy` (lower case only: a CGI server puts a header of the client into `HTTP_PROXY`) is for `ws`,
/// `https_proxy` or `HTTPS_PROXY` for `wss`, `all_proxy` or `ALL_PROXY` for both. `no_proxy` or `NO_PROXY` lists
/// what goes direct: hosts with all hosts below them, `host:port`, or `*`.
public struct ProxySettings: Sendable {
  private let plain: String?
  private let secure: String?
  private let exceptions: [Substring]

  private static let names = [
    "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY",
  ]

  /// Reads the settings from these variables.
  public init(environment: [String: String]) {
    func first(_ names: String...) -> String? {
      names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
    }
    let all = first("all_proxy", "ALL_PROXY")
    plain = first("http_proxy") ?? all
    secure = first("https_proxy", "HTTPS_PROXY") ?? all
    let list = (first("no_proxy", "NO_PROXY") ?? "").lowercased()
    exceptions = list.split { $0 == "," || $0.isWhitespace }
  }

  /// The settings of this process.
  public static func fromEnvironment() -> ProxySettings {
    var environment: [String: String] = [:]
    for name in names {
      if let value = getenv(name) { environment[name] = String(cString: value) }
    }
    return ProxySettings(environment: environment)
  }

  /// The proxy for a connection and what to put into `Proxy-Authorization`; nil when it goes direct.
  ///
  /// Throws when the variable names a proxy of a kind that is not supported, or is no address.
  public func proxy(
    forHost host: String, port: Int, isSecure: Bool
  ) throws(WebSocketError) -> (host: String, port: Int, authorization: String?)? {
    guard let setting = isSecure ? secure : plain, !isException(host: host, port: port) else { return nil }
    var address = Substring(setting)
    if let mark = setting.firstRange(of: "://") {
      guard setting[..<mark.lowerBound].lowercased() == "http" else {
        throw WebSocketError(
          .proxy,
          "the proxy of the environment is not an http:// one: set \(variable(isSecure)) to "
            + "http://host:port, or name \(host) in no_proxy")
      }
      address = setting[mark.upperBound...]
    }
    address = address.prefix { $0 != "/" }
    var authorization: String?
    if let at = address.lastIndex(of: "@") {
      authorization = PercentCoding.basicAuthorization(String(address[..<at]))
      address = address[address.index(after: at)...]
    }
    guard let place = HostAndPort(address, defaultPort: 1080) else {
      throw WebSocketError(
        .proxy,
        "the proxy of the environment has no valid host and port: set \(variable(isSecure)) to "
          + "http://host:port")
    }
    return (place.host, place.port, authorization)
  }

  private func variable(_ isSecure: Bool) -> String { isSecure ? "https_proxy" : "http_proxy" }

  private func isException(host: String, port: Int) -> Bool {
    let host = ProxySettings.withoutDot(Substring(host.lowercased()))
    return exceptions.contains { entry in
      if entry == "*" { return true }
      var name = entry
      // More than one colon is an IPv6 address without brackets.
      if entry.hasPrefix("[") || entry.count(where: { $0 == ":" }) == 1 {
        guard let place = HostAndPort(entry, defaultPort: port), place.port == port else { return false }
        name = Substring(place.host)
      }
      name = ProxySettings.withoutDot(name.hasPrefix("*.") ? name.dropFirst(2) : name)
      if name.hasPrefix(".") { name = name.dropFirst() }
      return !name.isEmpty && (host == name || host.hasSuffix("." + name))
    }
  }

  private static func withoutDot(_ name: Substring) -> Substring {
    name.hasSuffix(".") ? name.dropLast() : name
  }
}
