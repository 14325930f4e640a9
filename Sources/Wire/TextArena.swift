/// Room for the texts of a batch that could not stay as they are in the input: unescaped or lower-cased ones.
///
/// Its size is fixed, so that pointers into it stay valid; a batch ends early when it runs low.
struct TextArena: ~Copyable {
  /// No text of an order takes more than this while it is decoded.
  static let maximumText = 6 * 4096
  // One order has at most 17 fields that may need decoding.
  private static let reserve = 17 * (maximumText + 16)
  private static let capacity = 1 << 20

  private let base: UnsafeMutablePointer<UInt8>
  /// Bytes in use; set it back to drop what was added since.
  var used = 0

  init() { base = .allocate(capacity: TextArena.capacity) }

  deinit { base.deallocate() }

  /// Whether the texts of one more order may not fit.
  var isLow: Bool { used > TextArena.capacity - TextArena.reserve }

  /// Copies `count` bytes with ASCII capitals made small; `count` must be at most `maximumText`.
  mutating func lower(_ source: BytePointer, _ count: Int) -> BytePointer {
    let target = base + used
    for place in 0..<count { target[place] = TextArena.small(source[place]) }
    used += count
    return BytePointer(target)
  }

  /// Decodes the escapes of a string that was read without a fault; the result is not longer than the source.
  mutating func unescape(_ source: BytePointer, _ count: Int, lower: Bool) -> UnsafeBufferPointer<UInt8> {
    let target = base + used
    var written = 0
    var at = 0
    while at < count {
      var byte = source[at]
      at += 1
      if byte == Byte.backslash {
        byte = source[at]
        at += 1
        if byte == Byte.letterU {
          written += TextArena.unicode(source, &at, target + written)
          continue
        }
        byte = TextArena.control(byte)
      }
      target[written] = byte
      written += 1
    }
    if lower { for place in 0..<written { target[place] = TextArena.small(target[place]) } }
    used += written
    return UnsafeBufferPointer(start: target, count: written)
  }

  private static func small(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

  /// What a backslash and this letter mean; a quote, slash or backslash means itself.
  private static func control(_ letter: UInt8) -> UInt8 {
    switch letter {
    case 0x62: 0x08
    case 0x66: 0x0C
    case 0x6E: 0x0A
    case 0x72: 0x0D
    case 0x74: 0x09
    default: letter
    }
  }

  private static func unit(_ source: BytePointer, _ at: Int) -> UInt32 {
    var unit: UInt32 = 0
    for place in at..<at + 4 { unit = unit &<< 4 | (Byte.hex(source[place]) ?? 0) }
    return unit
  }

  /// Writes the character of the four digits at `at`, or of a pair, as UTF-8; returns its length.
  private static func unicode(_ source: BytePointer, _ at: inout Int, _ out: UnsafeMutablePointer<UInt8>)
    -> Int
  {
    var code = unit(source, at)
    at += 4
    if code & 0xFC00 == 0xD800 {
      code = 0x10000 &+ (code & 0x3FF) &<< 10 | unit(source, at + 2) & 0x3FF
      at += 6
    }
    if code < 0x80 {
      out[0] = UInt8(truncatingIfNeeded: code)
      return 1
    }
    let length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
    let lead: UInt32 = length == 2 ? 0xC0 : length == 3 ? 0xE0 : 0xF0
    for place in stride(from: length - 1, to: 0, by: -1) {
      out[place] = UInt8(truncatingIfNeeded: 0x80 | code & 0x3F)
      code = code &>> 6
    }
    out[0] = UInt8(truncatingIfNeeded: lead | code)
    return length
  }
}
