import Net
import Glibc
import Testing

@testable import Broadcast

@Suite("Keys of JSON Web Tokens")
struct JWTKeyTests {
  private let issuer = JWTIssuer()

  /// Why a text is refused; nil when it is not.
  private func failure(_ text: String) async throws -> String? {
    try issuer.write(text)
    do {
      _ = try await issuer.verifier()
      return nil
    } catch let failure as JWTKeyFailure {
      #expect(failure.description.hasPrefix("\(issuer.path): "))
      return failure.description
    }
  }

  @Test(
    "a file that cannot be used is refused with its name",
    arguments: [
      ("", "no JSON Web Key Set"), ("{}", "no JSON Web Key Set"), ("[]", "no JSON Web Key Set"),
      ("{\"keys\":{}}", "no JSON Web Key Set"), ("{\"keys\":[5]}", "no JSON Web Key Set"),
      ("{\"keys\":[]}", "there is no key"), ("{\"keys\":[{}]}", "there is no key"),
      ("{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"\",\"y\":\"\"}]}", "there is no key"),
      ("{\"keys\":[{\"kty\":\"oct\",\"use\":\"enc\",\"k\":\"\"}]}", "there is no key"),
      ("{\"keys\":[{\"kty\":\"oct\",\"alg\":\"HS512\",\"k\":\"\"}]}", "there is no key"),
      ("{\"keys\":[{\"kty\":\"oct\",\"alg\":\"RS256\",\"k\":\"\"}]}", "there is no key"),
      ("{\"keys\":[{\"kty\":\"oct\",\"key_ops\":[\"encrypt\"],\"k\":\"\"}]}", "there is no key"),
      ("{\"keys\":[{\"kty\":\"oct\"}]}", "key 1 needs a secret"),
      (
        "{\"keys\":[{\"kty\":\"oct\",\"k\":\"\(Base64URL.encode(Array(repeating: 7, count: 31)))\"}]}",
        "32 bytes"
      ),
      ("{\"keys\":[{\"kty\":\"RSA\",\"n\":\"\",\"e\":\"\"}]}", "no public key for RS256"),
      ("{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}", "no public key for RS256"),
      ("{\"keys\":[{\"kty\":\"RSA\",\"n\":\"\(weakModulus)\",\"e\":\"AQAB\"}]}", "less than 2048 bits"),
      (
        "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AQAB\",\"y\":\"AQAB\"}]}",
        "no public key for ES256"
      ),
      ("{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\"}]}", "no public key for ES256"),
      ("{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AQAB\"}]}", "no public key for EdDSA"),
      ("{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\"}]}", "no public key for EdDSA"),
      (String(repeating: "[", count: 100_000), "no JSON Web Key Set"),
      (String(repeating: " ", count: (1 << 20) + 1), "longer than 1048576 bytes"),
    ])
  func unusable(_ text: String, _ expected: String) async throws {
    let failure = try await failure(text)
    #expect(failure?.contains(expected) == true, "\(failure ?? "it was taken")")
  }

  @Test("two keys of one name are refused, and more than a hundred")
  func several() async throws {
    let key = try issuer.member("HS256", kid: "a")
    let twice = try await failure("{\"keys\":[\(key),\(try issuer.member("ES256", kid: "a"))]}")
    #expect(twice?.contains("the same kid") == true)
    let many = Array(repeating: "{\"kty\":\"x\"}", count: 101).joined(separator: ",")
    let most = try await failure("{\"keys\":[\(many)]}")
    #expect(most?.contains("100 is the most") == true)
  }

  @Test("keys of other kinds beside ours do no harm, but then tokens must name theirs")
  func others() async throws {
    try issuer.write(
      "{\"x\":1,\"keys\":[{\"kty\":\"x\",\"x5c\":[\"a\"]},\(try issuer.member("ES256", kid: "a"))]}")
    let verifier = try await issuer.verifier()
    let token = try await issuer.token("ES256", kid: "a")
    #expect(await verifier.verify(token, now: issuer.time.wall) != nil)
    try issuer.write("{\"keys\":[{\"kty\":\"x\"},\(try issuer.member("ES256"))]}")
    let nameless = try await issuer.verifier()
    #expect(await nameless.verify(try await issuer.token("ES256"), now: issuer.time.wall) == nil)
  }

  @Test("a message about a secret does not show it")
  func quiet() async throws {
    let failure = try await failure("{\"keys\":[{\"kty\":\"oct\",\"k\":\"c2hvcnQtc2VjcmV0\"}]}")
    #expect(failure != nil && failure?.contains("c2hvcnQtc2VjcmV0") == false)
  }

  @Test("no file, a folder and a pipe are refused and keep nobody waiting")
  func noFile() async throws {
    for (path, expected) in [("/nonexistent/jwks", "cannot be opened"), ("/tmp", "no regular file")] {
      let error = await #expect(throws: JWTKeyFailure.self) {
        try await issuer.verifier { $0.jwksFile = path }
      }
      #expect(error?.description.contains(expected) == true)
    }
    mkfifo(issuer.path, 0o600)
    await #expect(throws: JWTKeyFailure.self) { try await issuer.verifier() }
  }

  @Test("the file is read again when it changes; a broken one leaves the keys that were")
  func again() async throws {
    try issuer.write(["ES256"])
    let verifier = try await issuer.verifier()
    let now = issuer.time.wall
    let (first, second) = (
      try await issuer.token("ES256", kid: "ES256"), try await issuer.token("EdDSA", kid: "EdDSA")
    )
    let caller = try #require(await verifier.verify(first, now: now))
    func good(_ token: String) async -> Bool { await verifier.verify(token, now: now) != nil }

    for broken in ["", "{", "{\"keys\":[]}"] {
      try issuer.write(broken)
      issuer.time.pass(seconds: 5)
      #expect(await good(first))
    }
    unlink(issuer.path)
    issuer.time.pass(seconds: 5)
    #expect(await good(first) && caller.isStillValid(now))

    try issuer.write(["EdDSA"])
    #expect(await good(first), "it is not looked at all the time")
    issuer.time.pass(seconds: 5)
    #expect(await good(second))
    #expect(await !good(first))
    #expect(!caller.isStillValid(now), "its key is gone")
  }
}
