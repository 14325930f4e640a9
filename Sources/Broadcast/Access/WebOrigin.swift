/// Where a web page comes from: `scheme://host` or `scheme://host:port`, http or https.
struct WebOrigin: Hashable, Sendable {
  /// Whether it is https.
  let isSecure: Bool
  /// As `Authority` writes it.
  let host: String
  /// The port, also when it was not written.
  let port: Int

  /// An origin by its parts; without a port it is the scheme's own.
  init(isSecure: Bool, _ authority: Authority) {
    self.isSecure = isSecure
    host = authority.host
    port = authority.port ?? (isSecure ? 443 : 80)
  }

  /// Reads what browsers send; nil for anything else, `null` too.
  init?(_ text: String) {
    let lower = text.prefix(8).lowercased()
    let isSecure = lower.hasPrefix("https://")
    guard isSecure || lower.hasPrefix("http://"),
      let authority = Authority(String(text.dropFirst(isSecure ? 8 : 7)))
    else { return nil }
    self.init(isSecure: isSecure, authority)
  }
}
