import Net
import Crypto
import Journal
import Testing

@testable import Broadcast

@Suite("Tokens of the API")
struct AccessTokenTests {
  @Test("a token has its form, and its record has the hash of its secret and not the secret")
  func form() throws {
    let (text, record) = AccessToken.make(name: "ci", role: .operator, created: 5, expires: 9)
    #expect(text.wholeMatch(of: /bb_[a-z2-7]{8}_[A-Za-z0-9_-]{43}/) != nil)
    let secret = try #require(Base64URL.decode(Array(text.utf8.suffix(43))))
    #expect(record.hash == Array(SHA256.hash(data: secret)) && secret.count == 32)
    #expect(text.hasPrefix("bb_\(record.id)_"))
    #expect(record.name == "ci" && record.role == "operator")
    #expect(record.createdMilliseconds == 5 && record.expiresMilliseconds == 9)
    #expect(AccessToken.id(of: text) == record.id)
  }

  @Test("no two tokens are alike")
  func distinct() {
    let texts = (0..<1000).map { _ in AccessToken.make(name: "x", role: .viewer, created: 0).text }
    #expect(Set(texts).count == 1000)
    #expect(Set(texts.map { $0.suffix(43) }).count == 1000)
  }

  @Test("a text that is not exactly a token is none")
  func malformed() {
    let text = AccessToken.make(name: "x", role: .viewer, created: 0).text
    #expect(AccessToken.parse(text) != nil)
    let secret = String(text.suffix(43))
    var wrong: [String] = ["", "bb_", "bb_abcdefg1_\(secret)", "bb_ABCDEFGH_\(secret)"]
    wrong += [String(text.dropLast()), "\(text)A", "\(text)=", " \(text)", "\(text)\n", text.uppercased()]
    wrong += ["bb-\(text.dropFirst(3))", "\(text.prefix(11))-\(secret)", "\(text.prefix(53))é"]
    wrong.append(String(repeating: "a", count: 100_000))
    // The last letter holds four bits that count and two that must be 0.
    wrong.append("\(text.dropLast())B")
    for text in wrong { #expect(AccessToken.parse(text) == nil, "\(text.prefix(80))") }
  }

  @Test("names are short and plain, and none looks like a token")
  func names() {
    for name in ["a", "grafana", "A.b_c-9", String(repeating: "x", count: 64)] {
      #expect(AccessToken.isName(name))
    }
    for name in ["", "a b", "a/b", "ä", "a\n", "bb_x", String(repeating: "x", count: 65), "a\u{0}"] {
      #expect(!AccessToken.isName(name), "\(name)")
    }
  }

  @Test("Base64 for URLs goes there and back, and takes one text for each run of bytes")
  func base64() {
    #expect(Base64URL.encode([]) == "" && Base64URL.decode([]) == [])
    #expect(Base64URL.encode(Array("fo".utf8)) == "Zm8" && Base64URL.encode([0xFB, 0xFF]) == "-_8")
    for length in 0..<70 {
      let bytes = RandomBytes.make(length)
      #expect(Base64URL.decode(Array(Base64URL.encode(bytes).utf8)) == bytes)
    }
    for text in ["A", "AAAAA", "Zm9", "Zm8=", "Zm+8", "Zm/8", "Zm 8", "Z\u{0}m8", "AB"] {
      #expect(Base64URL.decode(Array(text.utf8)) == nil, "\(text)")
    }
  }

  @Test("comparing looks at every byte")
  func constantTime() {
    let bytes = RandomBytes.make(32)
    #expect(ConstantTime.equal(bytes, bytes) && ConstantTime.equal([], []))
    for place in bytes.indices {
      var other = bytes
      other[place] ^= 1
      #expect(!ConstantTime.equal(bytes, other))
    }
    #expect(!ConstantTime.equal(bytes, Array(bytes.dropLast())) && !ConstantTime.equal(bytes, bytes + [0]))
  }
}
