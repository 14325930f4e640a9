internal import NIOHTTP1

/// The first part of an HTTP/1 response.
struct ResponseHead: Sendable {
  /// What the first bytes of a response turned out to be.
  enum Parsed {
    /// It may become one.
    case incomplete
    /// It is something else, or too long.
    case malformed
    /// It is one of this many bytes.
    case head(ResponseHead, byteCount: Int)
  }

  /// Longer heads are refused.
  static let maximumBytes = 16 << 10

  let head: HTTPResponseHead

  var status: Int { Int(head.status.code) }

  /// The first header of this name.
  func header(_ name: String) -> String? { head.headers.first(name: name) }

  /// The status and its phrase, like `401 Unauthorized`; printable, but it may hold anything.
  var statusText: String {
    head.status.reasonPhrase.isEmpty
      ? "\(head.status.code)" : "\(head.status.code) \(head.status.reasonPhrase)"
  }

  /// Reads the head at the start of these bytes.
  static func parse(_ bytes: [UInt8]) -> Parsed {
    guard bytes.starts(with: "HTTP/".utf8.prefix(bytes.count)) else { return .malformed }
    guard let end = end(of: bytes) else {
      return bytes.count > maximumBytes ? .malformed : .incomplete
    }
    if end > maximumBytes { return .malformed }
    let text = String(decoding: bytes[..<end], as: UTF8.self)
    var lines = text.split(whereSeparator: \.isNewline)[...]
    guard let first = lines.popFirst() else { return .malformed }
    let words = first.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
    guard words.count >= 2, words[0].hasPrefix("HTTP/1."), words[1].utf8.count == 3,
      let status = Int(words[1]), (100...999).contains(status)
    else { return .malformed }
    var headers = HTTPHeaders()
    for line in lines {
      guard let colon = line.firstIndex(of: ":") else { return .malformed }
      let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      headers.add(name: String(line[..<colon]), value: trimmed(value))
    }
    let phrase = words.count > 2 ? String(words[2]) : ""
    let head = HTTPResponseHead(
      version: .http1_1, status: HTTPResponseStatus(statusCode: status, reasonPhrase: phrase),
      headers: headers)
    return .head(ResponseHead(head: head), byteCount: end)
  }

  private static func trimmed(_ value: Substring) -> String {
    var value = value
    while value.last == " " || value.last == "\t" { value.removeLast() }
    return String(value)
  }

  /// The place after the empty line.
  private static func end(of bytes: [UInt8]) -> Int? {
    var previous = -1
    for (at, byte) in bytes.enumerated() where byte == 0x0A {
      if previous >= 0, at - previous == 1 || (at - previous == 2 && bytes[at - 1] == 0x0D) { return at + 1 }
      previous = at
    }
    return nil
  }
}
