internal import Journal
internal import Net

/// What deliveries to a webhook are signed with, as people see it: `whsec_` and Base64.
public enum WebhookSecret {
  private static let prefix = "whsec_"

  /// A new secret of 256 random bits, from the system's own generator.
  public static func make() -> [UInt8] { RandomBytes.make(32) }

  /// The text that the receiver is given.
  public static func text(_ secret: [UInt8]) -> String { prefix + Base64.encode(secret) }

  /// The secret in such a text; nil when it is none, or is too short or too long.
  public static func parse(_ text: String) -> [UInt8]? {
    guard text.hasPrefix(prefix), let bytes = Base64.decode(text.dropFirst(prefix.count)),
      WebhookRecord.secretBytes.contains(bytes.count)
    else { return nil }
    return bytes
  }
}
