/// What the gate looks at of a request.
public struct GateRequest: Sendable {
  /// The path without the query.
  public var path: String
  /// What stands behind the question mark, as it was sent; empty without one.
  public var query = ""
  /// The values of all Host headers.
  public var hosts: [String]
  /// The values of all Origin headers.
  public var origins: [String] = []
  /// The values of all Authorization headers.
  public var authorizations: [String] = []
  /// The ticket in the query; only the paths of streams take one.
  public var ticket: String?
  /// The address at the other end of the connection, as text without the port.
  public var remoteAddress: String
  /// Whether the connection is encrypted.
  public var isTLS = false
  /// The least role that may do this; nil: everybody may, and credentials are not looked at.
  public var role: Role?
  /// Asked last of all, before a ticket is used up: false refuses one who would be let in.
  public var entry: (@Sendable (Caller) -> Bool)?
  /// False for a first look, whose refusal leaves no trace: somebody else asks again and answers.
  public var countsFailures = true

  /// A request of which the rest is to be filled in.
  public init(path: String, hosts: [String], remoteAddress: String, role: Role?) {
    self.path = path
    self.hosts = hosts
    self.remoteAddress = remoteAddress
    self.role = role
  }
}
