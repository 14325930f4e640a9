import Journal
import Net
import OrderFlow
import Testing

@testable import Broadcast

@Suite struct WebhookSignerTests {
  // The example of the Standard Webhooks specification, "Symmetric signatures", and of its libraries' tests.
  private let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
  private let id = "msg_p5jXN8AQM9LWM0D4loKWxJek"
  private let body = Array(#"{"test": 2432232314}"#.utf8)
  private let expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

  @Test("a signature is that of the specification's example")
  func example() throws {
    let signer = WebhookSigner(secrets: [try #require(WebhookSecret.parse(secret))])
    #expect(signer.signature(id: id, seconds: 1_614_265_330, body: body) == expected)
    let headers = signer.headers(id: id, seconds: 1_614_265_330, body: body)
    #expect(headers.map(\.name) == ["webhook-id", "webhook-timestamp", "webhook-signature"])
    #expect(headers.map(\.value) == [id, "1614265330", expected])
  }

  @Test("during a rotation there are two signatures, the new one first; then one again")
  func rotation() throws {
    let old = try #require(WebhookSecret.parse(secret))
    var webhook = WebhookRecord(
      name: "a", url: "https://h", format: .json, secret: WebhookSecret.make(), createdMilliseconds: 0)
    webhook.previousSecret = old
    webhook.previousUntil = 1000
    let both = WebhookSigner(webhook, at: 999).signature(id: id, seconds: 1_614_265_330, body: body)
    let parts = both.split(separator: " ").map(String.init)
    #expect(parts.count == 2 && parts[1] == expected && parts[0] != expected)
    let one = WebhookSigner(webhook, at: 1000).signature(id: id, seconds: 1_614_265_330, body: body)
    #expect(one == parts[0])
  }

  @Test("a delivery has one id, without a dot, which differs for each signal and each webhook")
  func identifier() {
    let ids = [(1, 1), (1, 2), (2, 1)].map { high, webhook in
      WebhookSigner.identifier(signal: Digest128(high: UInt64(high), low: 5), webhook: Int64(webhook))
    }
    #expect(Set(ids).count == 3 && ids[0] == "msg_00000000000000010000000000000005_1")
  }

  @Test("a secret is 32 random bytes, and goes into its text and back")
  func secrets() {
    let (first, second) = (WebhookSecret.make(), WebhookSecret.make())
    #expect(first.count == 32 && first != second)
    #expect(WebhookSecret.parse(WebhookSecret.text(first)) == first)
    for bad in [
      "", "whsec_", "whsec_AAAA", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
      "whsec_M*KQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    ] {
      #expect(WebhookSecret.parse(bad) == nil)
    }
    #expect(WebhookSecret.parse(WebhookSecret.text([UInt8](repeating: 1, count: 65))) == nil)
  }

  @Test(
    "Base64 is that of RFC 4648 section 10",
    arguments: [
      ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
      ("foobar", "Zm9vYmFy"),
    ])
  func base64(plain: String, text: String) {
    #expect(Base64.encode(Array(plain.utf8)) == text)
    #expect(Base64.decode(text) == Array(plain.utf8))
  }

  @Test(
    "what is no Base64 is told apart",
    arguments: ["Z", "Zg", "Zg=", "Z===", "====", "Zh==", "Z g=", "Zg==Zg=="])
  func noBase64(text: String) { #expect(Base64.decode(text) == nil) }
}
