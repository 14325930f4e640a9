import COrderFlow
public import Crypto
import OrderFlow
import Wire

/// Replaces what names people and transactions by stable pseudonyms of the same length and form.
///
/// A pseudonym is a keyed hash (HMAC-SHA256): equal texts stay equal, and without the key nobody can tell
/// whose it was.
public struct Pseudonyms: Sendable {
  private let key: SymmetricKey
  private let exchanges = Set(ScannerOptions.polymarketExchanges.map { Array($0.utf8) })
  private var bytes: [UInt8] = []

  /// What is replaced; a wallet has one pseudonym as user and as taker.
  private static let fields: [(field: TextField, space: UInt8)] = [
    (.user, 1), (.taker, 1), (.txHash, 2), (.orderHash, 3),
  ]

  /// Pseudonyms under a key; the same key gives the same ones in every recording.
  public init(key: SymmetricKey) { self.key = key }

  /// Calls `body` with the order under its pseudonyms; the texts are valid inside it.
  mutating func with<Result>(
    _ order: UnsafePointer<bb_order>, _ body: (UnsafePointer<bb_order>) throws -> Result
  ) rethrows -> Result {
    var copy = order.pointee
    bytes.removeAll(keepingCapacity: true)
    var places: [(field: TextField, start: Int, count: Int)] = []
    for (field, space) in Pseudonyms.fields {
      let text = copy[field]
      if text.count == 0 { continue }
      let original = Array(UnsafeBufferPointer(start: text.bytes, count: Int(text.count)))
      // An exchange contract is nobody, and the role of the order follows from it.
      if field == .taker, exchanges.contains(original) { continue }
      places.append((field, bytes.count, original.count))
      append(original, space)
    }
    return try bytes.withUnsafeBufferPointer { bytes in
      for (field, start, count) in places {
        copy[field] = bb_text(
          bytes: bytes.baseAddress.map { $0 + start }, count: UInt32(truncatingIfNeeded: count), symbol: 0)
      }
      return try withUnsafePointer(to: &copy, body)
    }
  }

  /// Appends the pseudonym of a text: `0x` where it had that, then hexadecimal digits to its length.
  private mutating func append(_ text: [UInt8], _ space: UInt8) {
    let end = bytes.count + text.count
    if text.starts(with: [UInt8(ascii: "0"), UInt8(ascii: "x")]) {
      bytes.append(contentsOf: text.prefix(2))
    }
    var block: UInt8 = 0
    while bytes.count < end {
      for byte in HMAC<SHA256>.authenticationCode(for: [space, block] + text, using: key) {
        for nibble in [byte >> 4, byte & 15] where bytes.count < end {
          bytes.append(nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10)
        }
      }
      block &+= 1
    }
  }
}
