/// A 128-bit digest that names an event or a signal; printed as 32 hexadecimal digits.
public struct Digest128: Hashable, Sendable {
  /// The first eight bytes, big-endian.
  public var high: UInt64
  /// The last eight bytes, big-endian.
  public var low: UInt64

  /// Joins two halves.
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// 32 lower-case hexadecimal digits.
  public var hex: String {
    String(unsafeUninitializedCapacity: 32) { buffer in
      for place in 0..<16 {
        buffer[place] = Digest128.digit(high &>> UInt64(60 - 4 * place))
        buffer[16 + place] = Digest128.digit(low &>> UInt64(60 - 4 * place))
      }
      return 32
    }
  }

  /// The digest that `hex` printed; nil for any other text.
  public init?(hex: some StringProtocol) {
    guard hex.utf8.count == 32, let high = UInt64(hex.prefix(16), radix: 16),
      let low = UInt64(hex.suffix(16), radix: 16), !hex.contains("+")
    else { return nil }
    self.init(high: high, low: low)
  }

  private static func digit(_ value: UInt64) -> UInt8 {
    let nibble = UInt8(truncatingIfNeeded: value & 15)
    return nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
  }
}
