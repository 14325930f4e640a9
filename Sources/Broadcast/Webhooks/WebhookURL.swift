/// What may be the address of a webhook.
enum WebhookURL {
  /// Most characters of one.
  static let most = 2048

  /// Whether a text is `http://` or `https://`, a host, perhaps a port, and perhaps more, all of printable ASCII.
  static func isOne(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard bytes.count <= most, bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
      let mark = text.firstRange(of: "://"),
      ["http", "https"].contains(text[..<mark.lowerBound].lowercased())
    else { return false }
    let place = text[mark.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    // A name and a password before the host are sent as such.
    let parts = place.split(separator: "@", omittingEmptySubsequences: false)
    return parts.count <= 2 && Authority(String(parts.last ?? "")) != nil
  }
}
