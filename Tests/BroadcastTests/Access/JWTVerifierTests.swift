import Crypto
import FoundationEssentials
import JWTKit
import Testing

@testable import Broadcast

private let algorithms = ["HS256", "RS256", "ES256", "EdDSA"]

@Suite("JSON Web Tokens")
struct JWTVerifierTests {
  private let issuer = JWTIssuer()

  @Test(
    "what the right key signed is accepted, with one key in the file and with all four", arguments: algorithms
  )
  func good(_ algorithm: String) async throws {
    for names in [[algorithm], algorithms] {
      try issuer.write(names)
      let verifier = try await issuer.verifier()
      let token = try await issuer.token(algorithm, kid: algorithm)
      let caller = try #require(await verifier.verify(token, now: issuer.time.wall))
      #expect(caller.role == .operator && caller.name == "somebody" && caller.id == "jwt:somebody")
      #expect(caller.expires == (issuer.time.wall / 1000 + 90) * 1000)
      #expect(caller.isStillValid(issuer.time.wall) && !caller.isStillValid(issuer.time.wall + 90_000))
      for kid in [nil, "unknown", ""] + algorithms.filter({ $0 != algorithm }) {
        let token = try await issuer.token(algorithm, kid: kid)
        #expect(await verifier.verify(token, now: issuer.time.wall) == nil, "\(kid ?? "nil")")
      }
    }
  }

  @Test("one key without a name takes tokens that name none", arguments: algorithms)
  func withoutName(_ algorithm: String) async throws {
    try issuer.write("{\"keys\":[\(try issuer.member(algorithm))]}")
    let verifier = try await issuer.verifier()
    let now = issuer.time.wall
    #expect(await verifier.verify(try await issuer.token(algorithm), now: now) != nil)
    #expect(await verifier.verify(try await issuer.token(algorithm, kid: "x"), now: now) == nil)
    for other in algorithms where other != algorithm {
      #expect(await verifier.verify(try await issuer.token(other), now: now) == nil, "\(other)")
    }
  }

  @Test("a key is for its own algorithm: no public key is ever taken for a secret")
  func confusion() async throws {
    try issuer.write(algorithms)
    let verifier = try await issuer.verifier()
    let pem = try #require(JWTIssuer.rsa?.publicKey.pemRepresentation)
    let modulus = try #require(JWTIssuer.rsa?.publicKey.getKeyPrimitives().modulus)
    let keys: [[UInt8]] = [
      Array(pem.utf8), Array("\(pem)\n".utf8), Array(modulus), [], JWTIssuer.secret,
      Array(issuer.eddsa.publicKey.rawRepresentation), Array(issuer.ecdsa.publicKey.pemRepresentation.utf8),
    ]
    for alg in ["HS256", "hs256", "RS256", "none", "None", "", "ES256", "EdDSA", "HS512", "RS512", "PS256"] {
      for kid in algorithms {
        for (place, key) in keys.enumerated() where !(alg == "HS256" && kid == "HS256" && place == 4) {
          let token = issuer.forged(header: "{\"alg\":\"\(alg)\",\"kid\":\"\(kid)\"}", key: key)
          #expect(await verifier.verify(token, now: issuer.time.wall) == nil, "\(alg) \(kid) \(place)")
          let unsigned = token.split(separator: ".").prefix(2).joined(separator: ".") + "."
          #expect(await verifier.verify(unsigned, now: issuer.time.wall) == nil, "\(alg) \(kid)")
        }
      }
    }
    let control = issuer.forged(header: "{\"alg\":\"HS256\",\"kid\":\"HS256\"}", key: JWTIssuer.secret)
    #expect(await verifier.verify(control, now: issuer.time.wall)?.role == .admin)
  }

  @Test(
    "a header that cannot be followed is refused",
    arguments: [
      "", "{}", "[]", "null", "{\"alg\":null}", "{\"alg\":5}", "{\"kid\":\"HS256\"}",
      "{\"alg\":\"HS256\",\"kid\":5}", "{\"alg\":\"HS256\",\"kid\":null}",
      "{\"alg\":\"HS256\",\"kid\":\"HS256\"",
      "{\"alg\":\"HS256\",\"kid\":\"HS256\",\"crit\":[\"b64\"],\"b64\":false}",
      "{\"alg\":\"HS256\",\"kid\":\"HS256\",\"crit\":[]}",
      "{\"alg\":\"HS256\",\"kid\":\"HS256\",\"crit\":\"x\"}",
    ])
  func headers(_ header: String) async throws {
    try issuer.write(algorithms)
    let verifier = try await issuer.verifier()
    let token = issuer.forged(header: header, key: JWTIssuer.secret)
    #expect(await verifier.verify(token, now: issuer.time.wall) == nil)
  }

  @Test("times count, with 30 s for clocks that differ")
  func times() async throws {
    try issuer.write(["ES256"])
    let verifier = try await issuer.verifier()
    let seconds = Double(issuer.time.wall / 1000)
    let cases: [(exp: Double?, nbf: Double?, isGood: Bool)] = [
      (nil, nil, false), (seconds + 1, nil, true), (seconds - 29, nil, true), (seconds - 30, nil, false),
      (seconds - 1e9, nil, false), (seconds + 1, seconds + 30, true), (seconds + 1, seconds + 31, false),
      (seconds + 0.5, seconds - 1e9, true), (1e300, nil, false), (-1e300, nil, false), (0, nil, false),
      (seconds + 1, 1e300, false), (seconds + 1, -1e300, true),
    ]
    for item in cases {
      let payload = issuer.payload {
        $0.exp = item.exp
        $0.nbf = item.nbf
      }
      let token = try await issuer.token("ES256", kid: "ES256", payload)
      #expect((await verifier.verify(token, now: issuer.time.wall) != nil) == item.isGood, "\(item)")
    }
  }

  @Test("issuer and audience are what they must be")
  func issuerAndAudience() async throws {
    try issuer.write(["EdDSA"])
    let verifier = try await issuer.verifier {
      $0.issuer = "https://id.example"
      $0.audience = "betterbot"
    }
    let cases: [(iss: String?, aud: [String]?, isGood: Bool)] = [
      ("https://id.example", ["betterbot"], true), ("https://id.example", ["a", "betterbot"], true),
      ("https://id.example", ["a"], false), ("https://id.example", [], false),
      ("https://id.example", nil, false),
      ("https://id.example/", ["betterbot"], false), (nil, ["betterbot"], false), ("", ["betterbot"], false),
    ]
    for item in cases {
      let payload = issuer.payload {
        $0.iss = item.iss
        $0.aud = item.aud
      }
      let token = try await issuer.token("EdDSA", kid: "EdDSA", payload)
      #expect((await verifier.verify(token, now: issuer.time.wall) != nil) == item.isGood, "\(item)")
    }
  }

  @Test(
    "the role is a text, or the highest known of a list; without a known one nobody is let in",
    arguments: [
      ("\"role\":\"viewer\"", Role?.some(.viewer)), ("\"role\":[\"viewer\",\"admin\",\"x\"]", .admin),
      ("\"role\":[]", nil), ("\"role\":\"root\"", nil), ("\"role\":\"Admin\"", nil), ("\"role\":5", nil),
      ("\"role\":null", nil), ("\"role\":[5]", nil), ("\"role\":{\"a\":1}", nil),
      ("\"roles\":\"admin\"", nil),
      ("\"role\":\"admin\",\"sub\":5", nil), ("\"role\":\"admin\",\"aud\":5", nil),
      ("\"role\":\"admin\",\"aud\":\"x\"", .admin), ("\"role\":\"admin\",\"exp\":\"99999999999\"", nil),
    ])
  func roles(_ claim: String, _ role: Role?) async throws {
    try issuer.write(["HS256"])
    let verifier = try await issuer.verifier()
    let token = issuer.forged(
      header: "{\"alg\":\"HS256\",\"kid\":\"HS256\"}",
      payload: "{\(claim.contains("exp") ? "" : "\"exp\":\(issuer.time.wall / 1000 + 60),")\(claim)}",
      key: JWTIssuer.secret)
    #expect(await verifier.verify(token, now: issuer.time.wall)?.role == role)
  }

  @Test("the role can be in another claim")
  func otherClaim() async throws {
    try issuer.write(["HS256"])
    let verifier = try await issuer.verifier { $0.roleClaim = "groups" }
    let payload = issuer.payload { $0.groups = ["staff", "viewer"] }
    let token = try await issuer.token("HS256", kid: "HS256", payload)
    #expect(await verifier.verify(token, now: issuer.time.wall)?.role == .viewer)
  }

  @Test("no bytes crash it, and none that were changed are accepted", arguments: algorithms)
  func garbage(_ algorithm: String) async throws {
    try issuer.write([algorithm])
    let verifier = try await issuer.verifier()
    let good = Array(try await issuer.token(algorithm, kid: algorithm).utf8)
    var random = SystemRandomNumberGenerator()
    func refuse(_ bytes: [UInt8]) async {
      let text = String(decoding: bytes, as: UTF8.self)
      #expect(await verifier.verify(text, now: issuer.time.wall) == nil, "\(text)")
    }
    for length in good.indices { await refuse(Array(good[..<length])) }
    for _ in 0..<500 {
      var bytes = good
      let place = Int.random(in: bytes.indices, using: &random)
      let byte = UInt8.random(in: 0...127, using: &random)
      if bytes[place] == byte { continue }
      bytes[place] = byte
      await refuse(bytes)
    }
    for text in ["", ".", "..", "...", "a.b.c", "....", String(repeating: ".", count: 8000)] {
      await refuse(Array(text.utf8))
    }
    await refuse(good + Array(repeating: 65, count: 9000))
    for nested in ["[", "{\"a\":"] {
      let deep = String(repeating: nested, count: 2000)
      await refuse(Array(issuer.forged(header: deep, payload: "{}").utf8))
      let token = issuer.forged(
        header: "{\"alg\":\"\(algorithm)\",\"kid\":\"\(algorithm)\"}", payload: deep, key: JWTIssuer.secret)
      await refuse(Array(token.utf8))
    }
  }

  @Test("the gate lets them in beside tokens of our own")
  func gate() async throws {
    try issuer.write(["RS256"])
    let test = TestGate(try await issuer.verifier())
    let token = try await issuer.token("RS256", kid: "RS256")
    #expect(await test.status(test.request(role: .operator, bearer: token)) == 200)
    #expect(await test.status(test.request(role: .admin, bearer: token)) == 403)
    #expect(await test.status(test.request(role: .operator, bearer: "x" + token)) == 401)
    #expect(await test.status(test.request(role: .admin, bearer: test.token(.admin))) == 200)
  }
}
