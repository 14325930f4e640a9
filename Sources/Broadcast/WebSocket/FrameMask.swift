/// The four bytes that a client combines its payload with, and where in them the next byte stands.
struct FrameMask {
  /// Four bytes, the first one lowest.
  private var bits: UInt32 = 0
  private var count = 0
  private var phase = 0

  init() {}

  /// A mask of four bytes, the first one highest.
  init(_ value: UInt32) {
    bits = value.byteSwapped
    count = 4
  }

  /// Takes the next byte of the mask as it comes.
  mutating func append(_ byte: UInt8) {
    bits |= UInt32(byte) << UInt32(8 &* (count & 3))
    count &+= 1
  }

  /// Masks or unmasks the next bytes of the payload.
  mutating func apply(to bytes: UnsafeMutableRawBufferPointer) {
    let turn = UInt32(8 &* phase)
    let turned = turn == 0 ? bits : bits >> turn | bits << (32 &- turn)
    let word = (UInt64(turned) << 32 | UInt64(turned)).littleEndian
    var index = 0
    while index &+ 8 <= bytes.count {
      let masked = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      bytes.storeBytes(of: masked ^ word, toByteOffset: index, as: UInt64.self)
      index &+= 8
    }
    while index < bytes.count {
      bytes[index] ^= UInt8(truncatingIfNeeded: turned >> UInt32(8 &* (index & 3)))
      index &+= 1
    }
    phase = (phase &+ bytes.count) & 3
  }
}
