/// Somebody who has shown who they are.
public struct Caller: Sendable {
  /// What limits are counted by: `token:` and the token's id, or `jwt:` and the subject.
  public let id: String
  /// The token's name, or the subject of a JSON Web Token; comes from outside, at most 256 bytes.
  public let name: String
  /// What they may do.
  public let role: Role
  /// From when on they are to be sent away, ms since 1970 UTC; nil: never.
  public let expires: Int64?
  /// What they have shown: the token's id, or the fingerprint of the key that signed for them.
  let proof: String
  private let source: any CredentialSource

  init(
    id: String, name: String, role: Role, expires: Int64?, proof: String, source: any CredentialSource
  ) {
    self.id = id
    self.name = name
    self.role = role
    self.expires = expires
    self.proof = proof
    self.source = source
  }

  /// Whether they may stay: what they have shown has neither expired nor been revoked meanwhile.
  ///
  /// `now` is ms since 1970 UTC. Cheap: a connection may ask every second.
  public func isStillValid(_ now: Int64) -> Bool {
    expires.map { now < $0 } ?? true && source.stillHolds(self)
  }
}

/// What callers are known by.
protocol CredentialSource: Sendable {
  /// Whether what a caller has shown would still be accepted, but for its expiry.
  func stillHolds(_ caller: Caller) -> Bool
}
