import Net
import Crypto
import FoundationEssentials
import Glibc
import JWTKit
import Logging

@testable import Broadcast

/// Signs JSON Web Tokens as issuers do, and keeps the file with their keys.
final class JWTIssuer: Sendable {
  /// What a token says.
  struct Payload: JWTPayload {
    var exp: Double?
    var nbf: Double?
    var iss: String?
    var aud: [String]?
    var sub: String? = "somebody"
    var role: String?
    var groups: [String]?

    func verify(using algorithm: some JWTAlgorithm) async throws {}
  }

  static let secret = Array("this is a secret of 32 bytes, or of more".utf8)
  /// Made once: RSA keys take their time.
  static let rsa = (try? Insecure.RSA.PrivateKey(pem: rsaPEM))
  let path = "/tmp/betterbot-jwks-\(RandomBytes.make(8).map { String($0, radix: 16) }.joined()).json"
  let time = TestClock()
  let ecdsa = ES256PrivateKey()
  let eddsa = Curve25519.Signing.PrivateKey()

  deinit { unlink(path) }

  /// The JWKS members of the four kinds.
  func member(_ algorithm: String, kid: String? = nil) throws -> String {
    let name = kid.map { "\"kid\":\"\($0)\"," } ?? ""
    switch algorithm {
    case "HS256": return "{\(name)\"kty\":\"oct\",\"k\":\"\(Base64URL.encode(JWTIssuer.secret))\"}"
    case "RS256":
      let key = try JWTIssuer.rsa?.publicKey.getKeyPrimitives()
      let n = Base64URL.encode(key?.modulus ?? Data())
      return
        "{\(name)\"kty\":\"RSA\",\"n\":\"\(n)\",\"e\":\"\(Base64URL.encode(key?.publicExponent ?? Data()))\"}"
    case "ES256":
      let (x, y) = ecdsa.parameters ?? ("", "")
      func url(_ text: String) -> String {
        text.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
      }
      return "{\(name)\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"\(url(x))\",\"y\":\"\(url(y))\"}"
    default:
      let x = Base64URL.encode(eddsa.publicKey.rawRepresentation)
      return "{\(name)\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"\(x)\"}"
    }
  }

  func write(_ text: String) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    defer { close(file) }
    let bytes = Array(text.utf8)
    guard Glibc.write(file, bytes, bytes.count) == bytes.count else { throw JWTKeyFailure("cannot write") }
  }

  func write(_ algorithms: [String]) throws {
    let members = try algorithms.map { try member($0, kid: $0) }
    try write("{\"keys\":[\(members.joined(separator: ","))]}")
  }

  /// A verifier over the file.
  func verifier(_ change: (inout JWTOptions) -> Void = { _ in }) async throws -> JWTVerifier {
    var options = JWTOptions(jwksFile: path)
    change(&options)
    var log = Logger(label: "test")
    log.logLevel = .critical
    return try await JWTVerifier(options, log: log, clock: time.clock)
  }

  /// A payload that is good, unless it is changed.
  func payload(_ change: (inout Payload) -> Void = { _ in }) -> Payload {
    var payload = Payload(exp: Double(time.wall / 1000 + 60), role: "operator")
    change(&payload)
    return payload
  }

  /// A token of jwt-kit's own making.
  func token(
    _ algorithm: String, kid: String? = nil, header: JWTHeader = JWTHeader(), _ payload: Payload? = nil
  ) async throws -> String {
    let keys = JWTKeyCollection()
    switch algorithm {
    case "HS256": await keys.add(hmac: HMACKey(from: JWTIssuer.secret), digestAlgorithm: .sha256)
    case "RS256":
      if let key = JWTIssuer.rsa { await keys.add(rsa: key, digestAlgorithm: .sha256) }
    case "ES256": await keys.add(ecdsa: ecdsa)
    default: await keys.add(eddsa: EdDSA.PrivateKey(backing: eddsa))
    }
    var header = header
    if let kid { header.kid = kid }
    return try await keys.sign(payload ?? self.payload(), header: header)
  }

  /// A token with an HMAC of any key under any header, as those make who have no key.
  func forged(header: String, payload: String? = nil, key: [UInt8] = []) -> String {
    let claims = payload ?? "{\"exp\":\(time.wall / 1000 + 60),\"role\":\"admin\",\"sub\":\"x\"}"
    let text = Base64URL.encode(Array(header.utf8)) + "." + Base64URL.encode(Array(claims.utf8))
    let code = HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: SymmetricKey(data: key))
    return text + "." + Base64URL.encode(Array(code))
  }
}

/// A key made for these tests: openssl genrsa 2048.
private let rsaPEM = """
  -----BEGIN PRIVATE KEY-----
  MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDAy0v+R2FlkqKU
  Sy6KiYMNHFue0wU3BX0f8eWvNuODRDw7w7AAxMaEaY5RqqPNwWsCAuMGlO8Xund7
  DD/ETO+9XzqcA3ppHm8KeeMCn4zVog6FsXWCtQBIf8sTw/Xj0/SRSVV9i6R+51Ga
  MKYr1xLk5/lzkOG81p0habY48jxkQ2/U4hBUEOA0WLjjLjsbWxmRKM1ftisPHYX4
  oiEoqfcz9XDAn078ed7Kqaj3LMVIGfOdk+8eUXHSelHsreIgXmVxIuIJRYg/ILU0
  R3TImTjjMygxPm84w9Dn3BdRutySw89vANya9w0s/Z+D8+7VXgBLXd+cqnzuPWqT
  LBo4TrgXAgMBAAECggEANXuQKsuZeMh7YoESuarZGJd/0Sj//tn+cpCz423qIn2Y
  6glot2XfHld7/CrGwyr/aPDtEuPZCe+X+qIUxHuFXDbhNut+F1AyhKj4cT9and8V
  gUAP9cEJgZM1/lczzM59P5qk5S2KZgv8prYNOwcwfiDeIhGUlcLBl0XQn66PU06o
  h804cs/O5EmWVNw+tuhdSgE3lXMWD3dvACecRJ04N0QPSZyOh8CE59PIOLIQ+sMW
  z0C8vAu4aSGPM5FE2UIP/oBBBJqAY93kYnrpY6PHeyK/e+iJQUCzFiByHdVXqewG
  IxoHm+iFIbF2WAtw5ZvL2MX44D18kfdnxjLCH4VFDQKBgQDncZhmIKcHdJGH1hPG
  WD40ihhbYM1JJYBpqwT6rJLAX10r0Oo++aZqgOhJtufJnrzTuFnBjYGBFNTvsiNq
  YCx36BfB/zz2KfSDeQ5+fgmXTLvwo/tuSeamzeRu66wsnqnR/TOU9WnBDuM6lWlC
  9MQVmuN7S+aOE+Sl0SgllLS2jQKBgQDVP+mmXs67/L/MIhx0XaE9SECSrrdEkgs+
  5/KEgfEHYnimTBLstKBYT7AYDscVCbnsr1pE0QW5NRToYkG/Xc/roF9JgoKq0WAm
  UgpHPgibSaaHDRFdoaMf7/hmkrAQGh/q0+GBGR6/JkTOR2OP6zVkmhPmquSTU7KE
  gwJsXbZCMwKBgAIi9VI0CPazp8hGPKZ/GAvqHnFxglOjifzvvDsILs6h0r1dz1vH
  eDbRe9N6YcdltL6LnCCCSujDJXgU/+iyfJaayOVcktZ+6qfwDSczyKjh53ZAPUj2
  W6+8hNhVSqCa0lyC5uAAJ/rFRWm8CV253rmIVYNE3xr+qgSx2poGNmjdAoGAI63G
  1Owl4LQADxJh+mIz+QHes+wBg7p/oS3DmMH45shl8UTnIa1y6nOivdOzIWT4M45/
  JuZl87/a2Kqf33m9sOmrJ6xrWlMfqCmvyI2rePfQoeXg0u6ZUV2gDOFcDcWhM3Px
  1dyzFT484tp04P50d3mD/OL4zWGCi8Mzo5fmR5sCgYEAkAqwXzu4oCDHa0/8ZVVn
  WKSerXuJiA9gf6pXPsbQXachJLP6ajxb5xYzviofNyX8ltNCSD1Gk8603/tuIhno
  eo9Nyzw5bNtGWeWieTzNk6QyV1YxtuHHlt5H1LxJbG4Us8J3R22UWunFYQvKqG6k
  jGb42XorGzG0+/D1288RKgY=
  -----END PRIVATE KEY-----
  """

/// A key that is too weak: the modulus of openssl genrsa 1024.
let weakModulus =
  "-FrmFLQDA05hU07ciEA6IOom2lFad2jlC9cShcangGCJsWnaOz2Pub2J3JgFbn3nkZMlunbwrcqZ1q5G80X6cN4Gg47ebUPQf6hEhhapAJtMxXSsVzlHYCpmZ7B8JoxK31ycRJInk6MpJuChJeV6mw8jI0kKRUbteUw4PGPR-0E"
