/// Keeps out of the log what other libraries may put into it.
///
/// Hummingbird logs a request only through its `LogRequestsMiddleware`, which is not in use: it would put the whole
/// target with its query into `hb.request.path` and chosen headers into `hb.request.headers`. By itself it logs, at
/// debug, that a request could not be decoded and the error that a handler threw, and connections at trace. swift-nio
/// logs nothing. So this is a second lock: what is known by its name or its look does not get out.
enum LogSecrets {
  /// What is shown in place of a secret.
  static let mask = "***"

  private static let words = ["authorization", "cookie", "headers", "password", "secret", "ticket", "token"]
  /// What secrets begin with, in small letters: of `Authorization`, of the Standard Webhooks, our own tokens, and
  /// JSON Web Tokens.
  private static let marks = ["bearer ", "basic ", "whsec_", "bb_", "eyj"]

  /// The value of a key of metadata as it may be shown.
  static func hidden(_ value: String, of key: String) -> String {
    let key = key.lowercased()
    if words.contains(where: { key.contains($0) }) { return mask }
    let isTarget = ["path", "uri", "url", "target"].contains { key.hasSuffix($0) }
    if isTarget, let query = value.firstIndex(of: "?") { return value[..<query] + "?" + mask }
    return hidden(value)
  }

  /// A text as it may be shown: what follows the beginning of a secret is masked, up to the end of the word.
  static func hidden(_ text: String) -> String {
    var bytes = Array(text.utf8)
    var isChanged = false
    for mark in marks.map({ Array($0.utf8) }) {
      var place = 0
      while place + mark.count < bytes.count {
        guard matches(bytes, mark, at: place) else {
          place += 1
          continue
        }
        let start = place + mark.count
        var end = start
        while end < bytes.count, isWord(bytes[end]) { end += 1 }
        // A word of prose behind it, such as in "basic rules", is short.
        if end - start >= 8 {
          bytes.replaceSubrange(start..<end, with: mask.utf8)
          isChanged = true
        }
        place = start
      }
    }
    return isChanged ? String(decoding: bytes, as: UTF8.self) : text
  }

  private static func matches(_ bytes: [UInt8], _ mark: [UInt8], at place: Int) -> Bool {
    for (offset, wanted) in mark.enumerated() {
      let byte = bytes[place + offset]
      let isCapital = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
      if (isCapital ? byte | 0x20 : byte) != wanted { return false }
    }
    return true
  }

  /// The characters of a token (RFC 7235 2.1, token68).
  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: "-._~+/=".utf8.contains(byte)
    }
  }
}
