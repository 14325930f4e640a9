/// A url as it may be shown: without its user, and without the values of parameters that may be keys.
public struct SafeURL: Sendable {
  /// The url with `…` in the place of what is hidden.
  public let text: String

  private static let keyLike = [
    "key", "token", "secret", "sig", "auth", "pass", "pwd", "session", "credential", "jwt",
  ]

  /// Hides what may be a secret; longer urls are cut.
  public init(_ url: String) {
    let clean = String(String.UnicodeScalarView(url.unicodeScalars.map { $0.value < 0x20 ? " " : $0 }))
    var rest = Substring(clean.prefix(2000).prefix { $0 != "#" })
    var result = ""
    if let mark = rest.firstRange(of: "://") {
      result = String(rest[..<mark.upperBound])
      rest = rest[mark.upperBound...]
    }
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    if let at = authority.lastIndex(of: "@") {
      result += "…@"
      rest = rest[rest.index(after: at)...]
    }
    let path = rest.prefix { $0 != "?" }
    result += path
    let query = rest[path.endIndex...]
    if !query.isEmpty {
      let pairs = query.dropFirst().split(separator: "&", omittingEmptySubsequences: false)
      result += "?" + pairs.map(SafeURL.hidden).joined(separator: "&")
    }
    text = result
  }

  /// Hides all but scheme, host and port.
  public init(originOf url: String) {
    let whole = SafeURL(url).text
    guard let mark = whole.firstRange(of: "://") else {
      text = "…"
      return
    }
    let authority = whole[mark.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "\\" }
    text = String(whole[..<mark.upperBound] + authority.drop { $0 == "…" || $0 == "@" })
  }

  private static func hidden(_ pair: Substring) -> String {
    guard let equals = pair.firstIndex(of: "=") else { return pair.count < 12 ? String(pair) : "…" }
    let name = PercentCoding.decode(String(pair[..<equals])).lowercased()
    let isSecret = keyLike.contains { name.contains($0) }
    return isSecret ? "\(pair[..<equals])=…" : String(pair)
  }
}
