import Glibc

/// Who requests are counted for.
enum LimitKey: Hashable, Sendable {
  /// An IPv4 address.
  case v4(UInt32)
  /// The first 64 bits of an IPv6 address: what one customer of a provider has at least.
  case v6(UInt64)
  /// A caller by its id.
  case caller(String)
  /// All whose address is not known.
  case unknown

  /// The key of an address in text form; an IPv4 address mapped into IPv6 counts as itself.
  init(address: String) {
    let text = String(address.prefix { $0 != "%" })
    var v4 = in_addr()
    var v6 = in6_addr()
    if inet_pton(AF_INET, text, &v4) == 1 {
      self = .v4(UInt32(bigEndian: v4.s_addr))
    } else if inet_pton(AF_INET6, text, &v6) == 1 {
      let bytes = withUnsafeBytes(of: &v6) { Array($0) }
      func number(_ range: Range<Int>) -> UInt64 { bytes[range].reduce(0) { $0 << 8 | UInt64($1) } }
      let isMapped = number(0..<8) == 0 && number(8..<12) == 0xFFFF
      self = isMapped ? .v4(UInt32(truncatingIfNeeded: number(12..<16))) : .v6(number(0..<8))
    } else {
      self = .unknown
    }
  }
}
