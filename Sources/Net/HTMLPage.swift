/// Tells web pages from messages, as they are no use in an error.
enum HTMLPage {
  /// Whether a body is one.
  static func isOne(_ body: [UInt8], contentType: String?) -> Bool {
    if contentType?.lowercased().hasPrefix("text/html") == true { return true }
    let start = String(decoding: body.prefix(64).drop { $0 <= 0x20 }, as: UTF8.self).lowercased()
    return start.hasPrefix("<!doctype html") || start.hasPrefix("<html")
  }
}
