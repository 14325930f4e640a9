extension FeedSettings {
  /// Where the feed gets its events, without what may be a secret: a URL ends after its host and port, a path
  /// is its last part.
  public var displaySource: String {
    switch kind {
    case .polymarket(let settings): FeedSettings.host(settings.url)
    case .dome(let settings): FeedSettings.host(settings.url)
    case .file(let settings):
      settings.path == "-"
        ? "standard input" : String(settings.path.split(separator: "/").last ?? Substring(settings.path))
    }
  }

  /// `wss://host:port` of a URL: user, path, query and fragment may hold a key.
  static func host(_ url: String) -> String {
    guard let start = url.firstRange(of: "://")?.upperBound else { return "" }
    let authority = url[start...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    let host = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
    return String(url[..<start] + host)
  }
}
