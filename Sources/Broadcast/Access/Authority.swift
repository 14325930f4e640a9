import Glibc

/// A host with or without a port, as the Host header and origins name one.
struct Authority: Equatable, Sendable {
  /// In lower case, without a trailing dot; an IPv6 address in its shortest form, in brackets.
  var host: String
  /// The port when one was given, 1 to 65535.
  var port: Int?

  /// Reads `host`, `host:port`, `[address]` or `[address]:port`; nil for anything else.
  init?(_ text: String) {
    guard text.utf8.count <= 300 else { return nil }
    let bytes = Array(text.utf8)
    let end: Int
    if bytes.first == UInt8(ascii: "[") {
      guard let close = bytes.firstIndex(of: UInt8(ascii: "]")),
        let address = Authority.shortest(String(decoding: bytes[1..<close], as: UTF8.self))
      else { return nil }
      host = "[\(address)]"
      end = close + 1
    } else {
      end = bytes.firstIndex(of: UInt8(ascii: ":")) ?? bytes.count
      var name = bytes[..<end]
      if name.last == UInt8(ascii: ".") { name.removeLast() }
      guard (1...253).contains(name.count), name.last != UInt8(ascii: "."),
        name.allSatisfy(Authority.isNameLetter)
      else { return nil }
      host = String(decoding: name, as: UTF8.self).lowercased()
    }
    if end == bytes.count { return }
    let digits = bytes[(end + 1)...]
    guard bytes[end] == UInt8(ascii: ":"), (1...5).contains(digits.count),
      digits.allSatisfy({ (0x30...0x39).contains($0) }),
      let port = Int(String(decoding: digits, as: UTF8.self)), (1...65_535).contains(port)
    else { return nil }
    self.port = port
  }

  private static func isNameLetter(_ letter: UInt8) -> Bool {
    switch letter {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
    default: false
    }
  }

  /// The one way in which we write an IPv6 address; nil when the text is none.
  private static func shortest(_ text: String) -> String? {
    var address = in6_addr()
    var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    guard inet_pton(AF_INET6, text, &address) == 1,
      inet_ntop(AF_INET6, &address, &buffer, socklen_t(buffer.count)) != nil
    else { return nil }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
