/// The bytes with a meaning in JSON.
enum Byte {
  @inline(__always) static var quote: UInt8 { 0x22 }
  @inline(__always) static var backslash: UInt8 { 0x5C }
  @inline(__always) static var openBrace: UInt8 { 0x7B }
  @inline(__always) static var closeBrace: UInt8 { 0x7D }
  @inline(__always) static var openBracket: UInt8 { 0x5B }
  @inline(__always) static var closeBracket: UInt8 { 0x5D }
  @inline(__always) static var comma: UInt8 { 0x2C }
  @inline(__always) static var colon: UInt8 { 0x3A }
  @inline(__always) static var minus: UInt8 { 0x2D }
  @inline(__always) static var plus: UInt8 { 0x2B }
  @inline(__always) static var point: UInt8 { 0x2E }
  @inline(__always) static var zero: UInt8 { 0x30 }
  @inline(__always) static var newline: UInt8 { 0x0A }
  @inline(__always) static var carriageReturn: UInt8 { 0x0D }
  @inline(__always) static var letterE: UInt8 { 0x65 }
  @inline(__always) static var letterU: UInt8 { 0x75 }

  /// Whether it is `0` to `9`.
  @inline(__always)
  static func isDigit(_ byte: UInt8) -> Bool { byte &- zero < 10 }

  /// Whether JSON allows it between tokens.
  @inline(__always)
  static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == newline || byte == carriageReturn || byte == 0x09
  }

  /// The value of a hexadecimal digit.
  static func hex(_ byte: UInt8) -> UInt32? {
    switch byte {
    case 0x30...0x39: UInt32(byte) &- 0x30
    case 0x41...0x46: UInt32(byte) &- 0x37
    case 0x61...0x66: UInt32(byte) &- 0x57
    default: nil
    }
  }
}

/// Bytes of the input or of the text arena.
typealias BytePointer = UnsafePointer<UInt8>
