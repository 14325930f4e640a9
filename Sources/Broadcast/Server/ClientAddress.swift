package import NIOCore

/// Who a connection comes from, as far as limits are concerned: of IPv6 the network of 64 bits, which one
/// subscriber usually has as a whole.
package enum ClientAddress: Hashable, Sendable {
  case ipv4(UInt32)
  case ipv6(network: UInt64)
  /// A connection without an address, as of a Unix socket.
  case local

  /// The address of the other end of a channel.
  package init(_ address: SocketAddress?) {
    switch address {
    case .v4:
      self = ClientAddress.bytes(of: address) {
        .ipv4(UInt32(bigEndian: $0.loadUnaligned(fromByteOffset: 4, as: UInt32.self)))
      }
    case .v6:
      self = ClientAddress.bytes(of: address) { bytes in
        let high = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        let low = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
        // RFC 4291 2.5.5.2: an IPv4 address in the clothes of IPv6.
        if high == 0, low >> 32 == 0xFFFF { return .ipv4(UInt32(truncatingIfNeeded: low)) }
        return .ipv6(network: high)
      }
    default: self = .local
    }
  }

  /// The bytes of a `sockaddr_in` (the address is at 4) or of a `sockaddr_in6` (at 8).
  private static func bytes(
    of address: SocketAddress?, _ read: (UnsafeRawBufferPointer) -> ClientAddress
  ) -> ClientAddress {
    guard let address else { return .local }
    return address.withSockAddr { start, size in read(UnsafeRawBufferPointer(start: start, count: size)) }
  }
}
