/// Finds secrets in a query: there they would end up in logs, histories and the Referer of other requests.
enum QuerySecrets {
  /// Parameters that are about nothing else. `token` is not among them: signals are filtered by it.
  private static let names: Set<String> = [
    "access_token", "api_key", "apikey", "auth", "authorization", "bearer", "jwt",
  ]

  /// Whether a raw query, without its question mark, holds what looks like a token.
  static func found(in query: String) -> Bool {
    if query.isEmpty { return false }
    for pair in query.split(separator: "&") {
      let text = decoded(pair)
      let name = text.prefix { $0 != UInt8(ascii: "=") }
      if names.contains(String(decoding: name, as: UTF8.self).lowercased()) { return true }
      if holdsToken(text) || isWebToken(text.dropFirst(name.count + 1)) { return true }
    }
    return false
  }

  /// The bytes that percent signs and plus signs stand for; what they stand for wrongly stays.
  private static func decoded(_ text: Substring) -> [UInt8] {
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    var place = 0
    while place < bytes.count {
      if bytes[place] == UInt8(ascii: "%"), place + 2 < bytes.count, let high = digit(bytes[place + 1]),
        let low = digit(bytes[place + 2])
      {
        result.append(high << 4 | low)
        place += 3
      } else {
        result.append(bytes[place] == UInt8(ascii: "+") ? 0x20 : bytes[place])
        place += 1
      }
    }
    return result
  }

  private static func digit(_ letter: UInt8) -> UInt8? {
    switch letter {
    case 0x30...0x39: letter - 0x30
    case 0x41...0x46: letter - 0x37
    case 0x61...0x66: letter - 0x57
    default: nil
    }
  }

  /// Whether `bb_`, eight letters and `_` stand anywhere.
  private static func holdsToken(_ bytes: [UInt8]) -> Bool {
    let prefix = Array(AccessToken.prefix.utf8)
    guard bytes.count >= 12 else { return false }
    return (0...(bytes.count - 12)).contains { start in
      bytes[start...].starts(with: prefix) && bytes[start + 11] == UInt8(ascii: "_")
        && AccessToken.isID(String(decoding: bytes[(start + 3)..<(start + 11)], as: UTF8.self))
    }
  }

  /// Whether it is a JSON object in Base64, a point, and so on: how every JSON Web Token begins.
  private static func isWebToken(_ bytes: ArraySlice<UInt8>) -> Bool {
    bytes.starts(with: "eyJ".utf8) && bytes.count { $0 == UInt8(ascii: ".") } == 2
  }
}
