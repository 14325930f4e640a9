internal import NIOHTTP1

extension HTTPRequestHead {
  /// Leaves one place that names the host, the header; false when several headers do.
  ///
  /// Whoever stands in front of the server may look at another one than the gate does.
  mutating func settleHost() -> Bool {
    if headers["host"].count > 1 { return false }
    // RFC 9112 3.2.2: the host of an absolute target counts, whatever the header says.
    guard let scheme = ["http://", "https://"].first(where: { uri.prefix($0.count).lowercased() == $0 })
    else {
      return true
    }
    let rest = uri.dropFirst(scheme.count)
    let authority = rest.prefix { !"/?#".contains($0) }
    let target = rest[authority.endIndex...]
    headers.replaceOrAdd(name: "host", value: String(authority))
    uri = target.hasPrefix("/") ? String(target) : "/" + target
    return true
  }
}
