/// Which JSON Web Tokens are accepted.
public struct JWTOptions: Sendable, Equatable {
  /// The file with the keys: a JSON Web Key Set (RFC 7517). It is read again when it changes.
  public var jwksFile: String
  /// What `iss` must be; nil: anything.
  public var issuer: String?
  /// What `aud` must be or contain; nil: anything.
  public var audience: String?
  /// The claim with the role: a text, or a list of which the highest known role counts.
  public var roleClaim = "role"
  /// By how much the clocks of issuer and server may differ, seconds.
  public var leeway: Int64 = 30

  /// Accepts what the keys of a file have signed.
  public init(jwksFile: String) { self.jwksFile = jwksFile }
}
