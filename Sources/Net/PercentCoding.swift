/// Percent-encoding, as in urls.
public enum PercentCoding {
  /// Replaces each `%XX` by its byte; what is no such thing stays as it is.
  static func decode(_ text: String) -> String { String(decoding: decode(Array(text.utf8)), as: UTF8.self) }

  /// Replaces each `%XX` by its byte; what is no such thing stays as it is.
  public static func decode(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var at = 0
    while at < bytes.count {
      if bytes[at] == UInt8(ascii: "%"), at + 2 < bytes.count, let high = digit(bytes[at + 1]),
        let low = digit(bytes[at + 2])
      {
        result.append(high << 4 | low)
        at += 3
      } else {
        result.append(bytes[at])
        at += 1
      }
    }
    return result
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  /// The value of `Authorization` for a user and password as they stand in a url.
  static func basicAuthorization(_ userInfo: String) -> String {
    let parts = userInfo.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let plain = decode(String(parts[0])) + ":" + (parts.count > 1 ? decode(String(parts[1])) : "")
    return "Basic " + Base64.encode(Array(plain.utf8))
  }
}
