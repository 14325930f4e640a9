internal import Glibc

/// The address of a host, and whether it belongs to the public internet.
enum PeerAddress: Equatable, Sendable {
  case v4(UInt32)
  /// The upper and the lower half.
  case v6(UInt64, UInt64)

  /// The address in a `sockaddr` of so many bytes; nil when it is of another family.
  init?(_ bytes: UnsafeRawPointer, count: Int) {
    guard count >= MemoryLayout<sa_family_t>.size else { return nil }
    switch Int32(bytes.loadUnaligned(as: sa_family_t.self)) {
    case AF_INET where count >= MemoryLayout<sockaddr_in>.size:
      self = .v4(UInt32(bigEndian: bytes.loadUnaligned(as: sockaddr_in.self).sin_addr.s_addr))
    case AF_INET6 where count >= MemoryLayout<sockaddr_in6>.size:
      let start = MemoryLayout<sockaddr_in6>.offset(of: \.sin6_addr) ?? 8
      self = .v6(
        UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self)),
        UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: start + 8, as: UInt64.self)))
    default: return nil
    }
  }

  /// Whether anybody on the internet could be meant, and nobody of the own network.
  ///
  /// Addresses that stand for an IPv4 address are judged by it; what is not known to be public is not.
  var isPublic: Bool {
    switch self {
    case .v4(let bits):
      !PeerAddress.special.contains { bits >> (32 - $0.length) == $0.bits >> (32 - $0.length) }
    case .v6(let high, let low): PeerAddress.isPublic(high, low)
    }
  }

  /// As people write it.
  var text: String {
    var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    switch self {
    case .v4(let bits):
      var address = in_addr(s_addr: bits.bigEndian)
      inet_ntop(AF_INET, &address, &buffer, socklen_t(buffer.count))
    case .v6(let high, let low):
      var halves = (high.bigEndian, low.bigEndian)
      inet_ntop(AF_INET6, &halves, &buffer, socklen_t(buffer.count))
    }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private struct Block {
    var bits: UInt32
    var length: UInt32

    init(_ a: UInt32, _ b: UInt32, _ c: UInt32, _ length: UInt32) {
      bits = a << 24 | b << 16 | c << 8
      self.length = length
    }
  }

  /// The blocks of IANA's registry of special-purpose addresses, with multicast and what is reserved.
  private static let special = [
    Block(0, 0, 0, 8), Block(10, 0, 0, 8), Block(100, 64, 0, 10), Block(127, 0, 0, 8), Block(169, 254, 0, 16),
    Block(172, 16, 0, 12), Block(192, 0, 0, 24), Block(192, 0, 2, 24), Block(192, 88, 99, 24),
    Block(192, 168, 0, 16), Block(198, 18, 0, 15), Block(198, 51, 100, 24), Block(203, 0, 113, 24),
    Block(224, 0, 0, 4), Block(240, 0, 0, 4),
  ]

  private static func isPublic(_ high: UInt64, _ low: UInt64) -> Bool {
    // ::ffff:0:0/96 and 64:ff9b::/96: the last four bytes are an IPv4 address.
    let isMapped = high == 0 && low >> 32 == 0xFFFF
    let isTranslated = high == 0x0064_FF9B_0000_0000 && low >> 32 == 0
    if isMapped || isTranslated { return PeerAddress.v4(UInt32(truncatingIfNeeded: low)).isPublic }
    // 2002::/16 (6to4): bytes 2 to 5.
    if high >> 48 == 0x2002 { return PeerAddress.v4(UInt32(truncatingIfNeeded: high >> 16)).isPublic }
    // 2001::/23 holds Teredo and other protocols; 2001:db8::/32 and 3fff::/20 are for documents.
    if high >> 41 == 0x2001_0000 >> 9 || high >> 32 == 0x2001_0DB8 || high >> 44 == 0x3FFF0 { return false }
    // 2000::/3 is all that has been given out.
    return high >> 61 == 1
  }
}
