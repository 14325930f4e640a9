import Net
import Crypto
public import Journal

/// Tokens of the API: `bb_`, eight letters that may be shown, `_`, and 32 random bytes as 43 letters.
public enum AccessToken {
  /// What every token begins with.
  static let prefix = "bb_"
  private static let idLength = 8
  private static let secretBytes = 32
  /// Five bits a letter, and none that look alike or need quoting.
  private static let idLetters = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)

  /// Makes a token. The text is shown once and kept nowhere; the record has only its hash.
  ///
  /// Times are ms since 1970 UTC; without `expires` it is good until it is revoked.
  public static func make(
    name: String, role: Role, created: Int64, expires: Int64? = nil
  ) -> (text: String, record: TokenRecord) {
    let id = String(
      decoding: RandomBytes.make(idLength).map { idLetters[Int($0 & 31)] }, as: UTF8.self)
    let secret = RandomBytes.make(secretBytes)
    let record = TokenRecord(
      id: id, name: name, role: role.rawValue, hash: hash(secret), createdMilliseconds: created,
      expiresMilliseconds: expires)
    return ("\(prefix)\(id)_\(Base64URL.encode(secret))", record)
  }

  /// The parts of a token's text, the secret as its hash; nil for any other text.
  static func parse(_ text: String) -> (id: String, hash: [UInt8])? {
    let bytes = Array(text.utf8)
    let start = prefix.utf8.count
    let end = start + idLength
    guard bytes.count == end + 1 + 43, bytes.starts(with: prefix.utf8), bytes[end] == UInt8(ascii: "_"),
      let secret = Base64URL.decode(bytes[(end + 1)...]), secret.count == secretBytes
    else { return nil }
    let id = String(decoding: bytes[start..<end], as: UTF8.self)
    return isID(id) ? (id, hash(secret)) : nil
  }

  /// Whether a text has the form of a token's id.
  static func isID(_ text: String) -> Bool {
    text.utf8.count == idLength && text.utf8.allSatisfy { idLetters.contains($0) }
  }

  /// The id of a token's text, which may be shown; nil for any other text.
  public static func id(of text: String) -> String? { parse(text)?.id }

  /// Whether a token may be called so: 1 to 64 of the letters `A-Z a-z 0-9 . _ -`, and not like a token.
  public static func isName(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count) && !text.hasPrefix(prefix)
      && text.utf8.allSatisfy { letter in
        switch letter {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
        default: false
        }
      }
  }

  private static func hash(_ secret: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: secret)) }
}
