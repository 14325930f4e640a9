import Documents
import Broadcast

/// What a configuration says about the API.
struct APIConfiguration: Sendable, Equatable {
  /// Where it listens; nil: nowhere.
  var listen: (host: String, port: Int)? = ("127.0.0.1", 8787)
  /// Whether somebody asked for it: a run without it is then none.
  var isAskedFor = false
  /// PEM files of the certificate chain and its key.
  var certificate: String?
  var key: String?
  /// Names of this server beside loopback and the address it listens on.
  var hosts: [String] = []
  /// Web pages that may use it beside its own.
  var origins: [String] = []
  /// Connections in all, of one address, and streams of one token.
  var connections = 4096
  var connectionsPerAddress = 256
  var streamsPerToken = 64
  /// Requests a second of one token; an address may make twice as many.
  var requestsPerSecond = 100.0
  /// JSON Web Tokens.
  var webTokens: JWTOptions?

  static func == (one: APIConfiguration, other: APIConfiguration) -> Bool {
    one.listen?.host == other.listen?.host && one.listen?.port == other.listen?.port
      && one.isAskedFor == other.isAskedFor && one.certificate == other.certificate && one.key == other.key
      && one.hosts == other.hosts && one.origins == other.origins && one.connections == other.connections
      && one.connectionsPerAddress == other.connectionsPerAddress
      && one.streamsPerToken == other.streamsPerToken && one.requestsPerSecond == other.requestsPerSecond
      && one.webTokens == other.webTokens
  }

  /// What the server is told; nil: there is none.
  var options: BroadcastOptions? {
    guard let listen else { return nil }
    var options = BroadcastOptions()
    options.host = listen.host
    options.port = listen.port
    if let certificate, let key { options.certificate = (certificate, key) }
    options.gate.hosts = HostPolicy(listening: listen.host, names: hosts)
    options.gate.origins = OriginPolicy(origins)
    options.gate.callerRate = TokenBucket.Rate(
      capacity: Int(requestsPerSecond * 2), perSecond: requestsPerSecond)
    options.gate.addressRate = TokenBucket.Rate(
      capacity: Int(requestsPerSecond * 4), perSecond: requestsPerSecond * 2)
    options.mostConnections = connections
    options.mostConnectionsOfOneAddress = connectionsPerAddress
    options.mostStreamsOfOneCaller = streamsPerToken
    options.webTokens = webTokens
    return options
  }
}

/// Reads the section `api`.
enum APIReader {
  static func read(_ top: PlacedMap) throws(PlacedProblem) -> APIConfiguration {
    var result = APIConfiguration()
    guard let value = top["api"] else { return result }
    let section = try PlacedMap(value, path: "api")
    try section.allow(ConfigurationKeys.api)
    let listen = try section.read("listen", "an address and a port such as 127.0.0.1:8787, or off") {
      text -> (host: String, port: Int)?? in text == "off" ? .some(.none) : address(text).map { .some($0) }
    }
    if let listen {
      result.listen = listen
      result.isAskedFor = listen != nil
    }
    result.certificate = try section.text("certificate", "the path of a PEM file")
    result.key = try section.text("key", "the path of a PEM file")
    if (result.certificate == nil) != (result.key == nil) {
      throw PlacedProblem(
        section.origin, "\(section.path): certificate and key belong together; name both")
    }
    if let hosts = try section.list("hosts", "names without a port", { HostPolicy.isName($0) ? $0 : nil }) {
      result.hosts = hosts
    }
    let isOrigin = { (text: String) in OriginPolicy.isOrigin(text) ? text : nil }
    if let origins = try section.list("origins", "origins such as https://board.example.com", isOrigin) {
      result.origins = origins
    }
    try limits(section, &result)
    result.webTokens = try webTokens(section)
    return result
  }

  private static func limits(
    _ section: PlacedMap, _ result: inout APIConfiguration
  ) throws(PlacedProblem) {
    if let number = try section.number("connections", 1...100_000) { result.connections = number }
    if let number = try section.number("connections_per_address", 1...100_000) {
      result.connectionsPerAddress = number
    }
    if let number = try section.number("streams_per_token", 1...100_000) { result.streamsPerToken = number }
    if let rate = try section.number("requests_per_second", 1...100_000) {
      result.requestsPerSecond = Double(rate)
    }
  }

  private static func webTokens(_ section: PlacedMap) throws(PlacedProblem) -> JWTOptions? {
    guard let value = section["jwt"] else { return nil }
    let inner = try PlacedMap(value, path: section.name("jwt"))
    try inner.allow(ConfigurationKeys.jwt)
    guard let file = try inner.text("jwks", "the path of a JSON Web Key Set") else {
      throw PlacedProblem(inner.origin, "\(inner.path).jwks is missing: the path of a JSON Web Key Set")
    }
    var options = JWTOptions(jwksFile: file)
    options.issuer = try inner.text("issuer", "what the claim iss must be")
    options.audience = try inner.text("audience", "what the claim aud must be")
    if let claim = try inner.text("role_claim", "the name of a claim") { options.roleClaim = claim }
    return options
  }

  /// `host:port`, with an IPv6 address in brackets.
  private static func address(_ text: String) -> (host: String, port: Int)? {
    guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")) else { return nil }
    var host = String(text[..<colon])
    guard let port = Int(text[text.utf8.index(after: colon)...]), (0...65_535).contains(port) else {
      return nil
    }
    if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
    let isPlain = host.utf8.allSatisfy { ($0 > 0x20 && $0 < 0x7F) && $0 != UInt8(ascii: "/") }
    return !host.isEmpty && isPlain ? (host, port) : nil
  }
}
