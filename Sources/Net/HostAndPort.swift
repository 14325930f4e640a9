/// A host, by name or address, and a port.
struct HostAndPort: Sendable, Equatable {
  /// A name or an address, without the brackets of IPv6.
  let host: String
  /// 1 to 65535.
  let port: Int

  init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// Reads `host`, `host:port`, `[address]` or `[address]:port`; nil when it is none of them.
  init?(_ text: some StringProtocol, defaultPort: Int) {
    var name = String(text)
    var number: String?
    if name.hasPrefix("[") {
      guard let end = name.firstIndex(of: "]") else { return nil }
      let rest = name[name.index(after: end)...]
      guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
      number = rest.isEmpty ? nil : String(rest.dropFirst())
      name = String(name[..<end].dropFirst())
      guard name.contains(":"), name.allSatisfy({ $0.isHexDigit || ":.".contains($0) }) else { return nil }
    } else {
      if let colon = name.firstIndex(of: ":") {
        number = String(name[name.index(after: colon)...])
        name = String(name[..<colon])
      }
      let isName = name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-._".contains($0)) }
      guard !name.isEmpty, isName else { return nil }
    }
    guard let number, !number.isEmpty else {
      host = name
      port = defaultPort
      return
    }
    guard let value = Int(number), (1...65535).contains(value), number.first != "+" else { return nil }
    host = name
    port = value
  }

  /// As it is written in messages.
  var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
