import NIOCore

/// Who requests are counted for.
enum LimitKey: Hashable, Sendable {
  /// Where they come from.
  case address(ClientAddress)
  /// A caller by its id.
  case caller(String)
  /// All whose address is not known.
  case unknown

  /// The key of an address in text form.
  init(address: String) {
    let text = String(address.prefix { $0 != "%" })
    self = (try? SocketAddress(ipAddress: text, port: 0)).map { .address(ClientAddress($0)) } ?? .unknown
  }
}
