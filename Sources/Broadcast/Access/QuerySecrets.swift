import Net

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
    PercentCoding.decode(text.utf8.map { $0 == UInt8(ascii: "+") ? 0x20 : $0 })
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
