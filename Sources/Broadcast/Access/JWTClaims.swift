import FoundationEssentials

/// What a JSON Web Token says, as far as we ask.
struct JWTClaims: Decodable, Equatable {
  /// When it expires and from when on it is good, seconds since 1970.
  var expires: Double
  var notBefore: Double?
  var issuer: String?
  var audience: [String]
  var subject: String?
  /// The roles that are known, of those that it names.
  var roles: [Role]

  /// Where a decoder finds the name of the role claim.
  static let roleClaim = CodingUserInfoKey(rawValue: "roleClaim")

  private struct Name: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// What a payload says; nil when it is no JSON object, or a claim that counts has the wrong type.
  init?(_ payload: [UInt8], roleClaim: String) {
    let decoder = JSONDecoder()
    if let key = JWTClaims.roleClaim { decoder.userInfo[key] = roleClaim }
    guard let claims = try? decoder.decode(JWTClaims.self, from: Data(payload)) else { return nil }
    self = claims
  }

  init(from decoder: any Decoder) throws {
    let box = try decoder.container(keyedBy: Name.self)
    expires = try box.decode(Double.self, forKey: Name(stringValue: "exp"))
    notBefore = try box.decodeIfPresent(Double.self, forKey: Name(stringValue: "nbf"))
    issuer = try box.decodeIfPresent(String.self, forKey: Name(stringValue: "iss"))
    subject = try box.decodeIfPresent(String.self, forKey: Name(stringValue: "sub"))
    audience = try JWTClaims.texts(box, "aud")
    let name = JWTClaims.roleClaim.flatMap { decoder.userInfo[$0] as? String } ?? "role"
    roles = try JWTClaims.texts(box, name).compactMap(Role.init(rawValue:))
  }

  /// A claim that is one text or a list of them; empty without it.
  private static func texts(_ box: KeyedDecodingContainer<Name>, _ name: String) throws -> [String] {
    let key = Name(stringValue: name)
    guard box.contains(key) else { return [] }
    if let text = try? box.decode(String.self, forKey: key) { return [text] }
    return try box.decode([String].self, forKey: key)
  }

  /// Whether it is good at a time (ms since 1970 UTC) for what the options want.
  func isGood(_ options: JWTOptions, now: Int64) -> Bool {
    let seconds = Double(now) / 1000
    let leeway = Double(options.leeway)
    // Comparisons with what is no number are false.
    guard seconds < expires + leeway, expires < JWTClaims.farthest else { return false }
    if let notBefore, !(notBefore - leeway <= seconds) { return false }
    if let wanted = options.issuer, issuer != wanted { return false }
    if let wanted = options.audience, !audience.contains(wanted) { return false }
    return (subject?.utf8.count ?? 0) <= 256
  }

  /// When somebody who has shown it is to be sent away, ms since 1970 UTC; of one that is good.
  func end(_ options: JWTOptions) -> Int64 {
    Int64(min(max(expires + Double(options.leeway), 0), JWTClaims.farthest) * 1000)
  }

  /// The year 9999; later is a mistake.
  private static let farthest = 253_402_300_800.0
}
