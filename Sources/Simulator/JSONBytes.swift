internal import OrderFlow

/// Writing JSON into bytes, without a string in between.
extension [UInt8] {
  /// Appends a literal as it is.
  mutating func append(_ text: StaticString) {
    append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Appends a whole number.
  mutating func append(number: Int64) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { space in
      var place = 20
      var rest = number.magnitude
      repeat {
        place -= 1
        space[place] = 0x30 &+ UInt8(truncatingIfNeeded: rest % 10)
        rest /= 10
      } while rest > 0
      if number < 0 { append(UInt8(ascii: "-")) }
      append(contentsOf: UnsafeBufferPointer(rebasing: UnsafeBufferPointer(space)[place...]))
    }
  }

  /// Appends an amount of millionths as a decimal number without superfluous zeros.
  mutating func append(micros: Int64) {
    let magnitude = micros.magnitude
    if micros < 0 { append(UInt8(ascii: "-")) }
    append(number: Int64(magnitude / 1_000_000))
    var part = magnitude % 1_000_000
    if part == 0 { return }
    append(UInt8(ascii: "."))
    var unit: UInt64 = 100_000
    while part > 0 {
      append(0x30 &+ UInt8(truncatingIfNeeded: part / unit))
      part %= unit
      unit /= 10
    }
  }

  /// Appends a string with its quotes; bytes that JSON does not allow in it are escaped.
  mutating func append(quoted text: some Collection<UInt8>) {
    append(UInt8(ascii: "\""))
    for byte in text {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        append(UInt8(ascii: "\\"))
        append(byte)
      case 0..<0x20:
        append("\\u00")
        append(byte &>> 4 &+ 0x30)
        append(byte & 15 < 10 ? 0x30 &+ byte & 15 : 0x57 &+ byte & 15)
      default: append(byte)
      }
    }
    append(UInt8(ascii: "\""))
  }

  /// Appends a string with its quotes.
  mutating func append(quoted text: String) { append(quoted: text.utf8) }
}
