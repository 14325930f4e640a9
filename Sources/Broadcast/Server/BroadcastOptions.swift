/// What the server is told.
public struct BroadcastOptions: Sendable {
  /// The address it listens on; nobody else's machine reaches the default.
  public var host = "127.0.0.1"
  /// The port; 0: any that is free.
  public var port = 8787
  /// The certificate chain and its key, PEM files; without both there is no TLS.
  public var certificate: (chain: String, key: String)?
  /// Who is let in, and how often.
  public var gate = GateOptions()
  /// JSON Web Tokens that are accepted beside tokens of our own.
  public var webTokens: JWTOptions?
  /// Connections that may be open.
  public var mostConnections = 4096
  /// Connections of one address that may be open.
  public var mostConnectionsOfOneAddress = 256
  /// Streams of one caller that may be open.
  public var mostStreamsOfOneCaller = 64
  /// What streams may cost.
  public var streams = StreamLimits()
  /// What one connection may take.
  package var requests = RequestLimits()

  /// Loopback only, and nobody is let in before there is a token.
  public init() {}
}
