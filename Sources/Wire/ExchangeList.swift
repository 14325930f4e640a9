internal import CScan

/// The exchange contracts, to tell a taker's leg from a maker's.
struct ExchangeList: ~Copyable {
  // One address after another; only texts of this length can be an address.
  private static let length = 42
  private let bytes: UnsafeMutablePointer<UInt8>
  private let count: Int

  init(_ addresses: [String]) {
    let texts = addresses.map { Array($0.lowercased().utf8) }.filter { $0.count == ExchangeList.length }
    count = texts.count
    bytes = .allocate(capacity: max(count, 1) * ExchangeList.length)
    for (place, text) in texts.enumerated() {
      for at in 0..<ExchangeList.length {
        (bytes + (place * ExchangeList.length + at)).initialize(to: text[at])
      }
    }
  }

  deinit { bytes.deallocate() }

  /// Whether a lower-case text is one of them.
  @inline(__always)
  func contains(_ text: BytePointer, _ length: Int) -> Bool {
    guard length == ExchangeList.length else { return false }
    let start = bbscan_load64(text + 2)
    for place in 0..<count {
      let address = BytePointer(bytes) + place &* ExchangeList.length
      if bbscan_load64(address + 2) == start, bbscan_same(address, text, length) != 0 { return true }
    }
    return false
  }
}
