/// What the gate says of a request.
public enum GateVerdict: Sendable {
  /// It may go on; nil where nobody was asked who they are.
  case admitted(Caller?)
  /// It may not.
  case refused(GateRefusal)
}

/// Why a request may not go on. Never says anything of what was shown.
public struct GateRefusal: Error, Equatable, Sendable {
  /// The HTTP status.
  public var status: Int
  /// The last part of the problem's type, such as `role-required`.
  public var slug: String
  /// What kind of trouble it is.
  public var title: String
  /// What to do about it.
  public var detail: String
  /// The value of the header WWW-Authenticate, of every 401.
  public var challenge: String?
  /// Seconds to wait, the value of the header Retry-After; of every 429.
  public var retryAfter: Int?

  static let host = GateRefusal(
    status: 421, slug: "unknown-host", title: "This server does not go by that name",
    detail: "The Host header must name loopback, the address listened on, or a host of the configuration.")
  static let origin = GateRefusal(
    status: 403, slug: "foreign-origin", title: "This page may not use the server",
    detail: "The Origin header must be the server's own, or an origin of the configuration.")
  static let secretInQuery = GateRefusal(
    status: 400, slug: "secret-in-query", title: "A token does not belong into the query",
    detail: "Send it as 'Authorization: Bearer TOKEN', or get a ticket for a stream; revoke this one.")
  static let severalCredentials = GateRefusal(
    status: 400, slug: "several-credentials", title: "More than one credential",
    detail: "Send one Authorization header, or one ticket.")
  static let unauthenticated = GateRefusal(
    status: 401, slug: "authentication-required", title: "Who are you?",
    detail: "Send 'Authorization: Bearer TOKEN'; betterbot token create makes one.",
    challenge: "Bearer realm=\"betterbot\"")
  static let wrongCredential = GateRefusal(
    status: 401, slug: "invalid-credential", title: "This lets nobody in",
    detail: "The token or ticket is unknown, expired, revoked, or used up.",
    challenge: "Bearer realm=\"betterbot\", error=\"invalid_token\"")

  static let noEntry = GateRefusal(
    status: 429, slug: "no-entry", title: "There is no place left",
    detail: "As many are open as one may have; close one.", retryAfter: 10)

  static func tooMany(_ seconds: Int) -> GateRefusal {
    GateRefusal(
      status: 429, slug: "too-many-requests", title: "Too many requests",
      detail: "Wait for as long as Retry-After says.", retryAfter: seconds)
  }

  static func tooManyFailures(_ seconds: Int) -> GateRefusal {
    GateRefusal(
      status: 429, slug: "too-many-failures", title: "Too many wrong credentials",
      detail: "This address has shown too many; wait for as long as Retry-After says, and show a right one.",
      retryAfter: seconds)
  }

  static func role(_ role: Role) -> GateRefusal {
    GateRefusal(
      status: 403, slug: "role-required", title: "Your role does not include this",
      detail: "This takes the role \(role.rawValue).")
  }
}
