internal import Crypto
internal import Net
internal import Journal
internal import OrderFlow

/// Signs deliveries as the Standard Webhooks specification says (version 1.0.0, `v1` signatures).
struct WebhookSigner {
  /// The secrets, the newest first.
  let secrets: [[UInt8]]

  init(secrets: [[UInt8]]) { self.secrets = secrets }

  /// With the secrets of a webhook that are good at `now`, ms since 1970 UTC.
  init(_ webhook: WebhookRecord, at now: Int64) {
    let previous = webhook.previousUntil.map { now < $0 } ?? false ? webhook.previousSecret : nil
    secrets = [webhook.secret] + (previous.map { [$0] } ?? [])
  }

  /// Names a delivery: the same each time it is tried, so that a receiver can tell that it has it already.
  static func identifier(signal: Digest128, webhook: Int64) -> String { "msg_\(signal.hex)_\(webhook)" }

  /// The headers that go with a body.
  func headers(id: String, seconds: Int64, body: [UInt8]) -> [(name: String, value: String)] {
    [
      ("webhook-id", id), ("webhook-timestamp", "\(seconds)"),
      ("webhook-signature", signature(id: id, seconds: seconds, body: body)),
    ]
  }

  /// One signature a secret, with blanks between them.
  func signature(id: String, seconds: Int64, body: [UInt8]) -> String {
    let signed = Array("\(id).\(seconds).".utf8) + body
    return secrets.map { secret in
      let code = HMAC<SHA256>.authenticationCode(for: signed, using: SymmetricKey(data: secret))
      return "v1," + Base64.encode(Array(code))
    }.joined(separator: " ")
  }
}
