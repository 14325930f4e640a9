/// Base64 with padding (RFC 4648 section 4).
public enum Base64 {
  private static let digits = Base64Digits("+", "/")

  /// The text of some bytes.
  public static func encode(_ bytes: some Sequence<UInt8>) -> String {
    var text = digits.encode(bytes)
    while text.count % 4 != 0 { text.append(UInt8(ascii: "=")) }
    return String(decoding: text, as: UTF8.self)
  }

  /// The bytes of a text; nil unless it is exactly what `encode` makes of them.
  public static func decode(_ text: some StringProtocol) -> [UInt8]? {
    let characters = Array(text.utf8)
    let padding = characters.reversed().prefix { $0 == UInt8(ascii: "=") }.count
    guard characters.count % 4 == 0, padding <= 2 else { return nil }
    return digits.decode(characters.dropLast(padding))
  }
}

/// Base64 without padding, in the alphabet for URLs (RFC 4648 section 5).
public enum Base64URL {
  private static let digits = Base64Digits("-", "_")

  /// The text of some bytes.
  public static func encode(_ bytes: some Sequence<UInt8>) -> String {
    String(decoding: digits.encode(bytes), as: UTF8.self)
  }

  /// The bytes of a text; nil unless it is exactly what `encode` makes of them.
  public static func decode(_ text: some Collection<UInt8>) -> [UInt8]? { digits.decode(text) }
}

/// Bytes as digits of six bits, which both alphabets share but for the last two.
private struct Base64Digits {
  private let letters: [UInt8]

  init(_ sixtyTwo: Unicode.Scalar, _ sixtyThree: Unicode.Scalar) {
    letters =
      Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
      + [UInt8(ascii: sixtyTwo), UInt8(ascii: sixtyThree)]
  }

  func encode(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    var text: [UInt8] = []
    var (held, bits): (UInt32, UInt32) = (0, 0)
    for byte in bytes {
      held = (held << 8 | UInt32(byte)) & 0xFFFF
      bits += 8
      while bits >= 6 {
        bits -= 6
        text.append(letters[Int(held >> bits & 63)])
      }
    }
    if bits > 0 { text.append(letters[Int(held << (6 - bits) & 63)]) }
    return text
  }

  func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    if text.count % 4 == 1 { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 4 * 3 + 2)
    var (held, bits): (UInt32, UInt32) = (0, 0)
    for letter in text {
      guard let value = value(letter) else { return nil }
      held = (held << 6 | value) & 0xFFFF
      bits += 6
      if bits >= 8 {
        bits -= 8
        bytes.append(UInt8(truncatingIfNeeded: held >> bits))
      }
    }
    // Bits that are left over are 0, or two texts would mean the same bytes.
    return held & (1 << bits - 1) == 0 ? bytes : nil
  }

  private func value(_ letter: UInt8) -> UInt32? {
    switch letter {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(letter) - 65
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(letter) - 71
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(letter) + 4
    case letters[62]: 62
    case letters[63]: 63
    default: nil
    }
  }
}
