/// What the gate is told.
public struct GateOptions: Sendable {
  /// Names of this server.
  public var hosts = HostPolicy()
  /// Pages that may use it.
  public var origins = OriginPolicy()
  /// Requests of one address: 400 at once, 200 a second.
  public var addressRate = TokenBucket.Rate(capacity: 400, perSecond: 200)
  /// Requests of one caller: 200 at once, 100 a second.
  public var callerRate = TokenBucket.Rate(capacity: 200, perSecond: 100)
  /// Wrong credentials of one address: 10 at once, then one in 6 s.
  public var failureRate = TokenBucket.Rate(capacity: 10, perSecond: 1.0 / 6)
  /// Paths on which a ticket is as good as a header.
  public var ticketPaths: Set<String> = ["/v1/stream", "/v1/events"]

  /// The defaults.
  public init() {}
}
