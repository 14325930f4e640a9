/// A decimal number read from text: `digits × 10^exponent`, exact up to nineteen significant digits.
///
/// Digits past the nineteenth only matter for rounding: the first of them is kept, and whether any other is
/// not zero.
struct DecimalNumber {
  private var negative = false
  private var digits: UInt64 = 0
  private var exponent = 0
  private var tailCount = 0
  private var tailFirst: UInt8 = 0
  private var tailRest = false

  /// Reads the whole of `count` bytes; false when they are not one number.
  ///
  /// Takes JSON's spelling and, for the venues' strings, a bare leading point (`.48`).
  mutating func read(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    var at = 0
    if at < count, bytes[at] == UInt8(ascii: "-") {
      negative = true
      at += 1
    }
    var seen = 0
    while at < count, let digit = DecimalNumber.digit(bytes[at]) {
      append(digit, fraction: false)
      at += 1
      seen += 1
    }
    if at < count, bytes[at] == UInt8(ascii: ".") {
      at += 1
      let first = at
      while at < count, let digit = DecimalNumber.digit(bytes[at]) {
        append(digit, fraction: true)
        at += 1
        seen += 1
      }
      if at == first { return false }
    }
    if seen == 0 { return false }
    if at < count, bytes[at] | 0x20 == UInt8(ascii: "e") {
      guard readExponent(bytes, count, at + 1) else { return false }
      at = count
    }
    return at == count
  }

  /// The value times `10^places`, rounded half to even; nil when it does not fit 64 bits.
  func scaled(places: Int) -> Int64? {
    if digits == 0 { return 0 }
    let shift = exponent + places
    if shift > 0 {
      // A tail means at least 10^18 before it, which overflows by itself when multiplied by ten.
      guard shift <= 18, tailCount == 0 else { return nil }
      let (product, overflow) = digits.multipliedReportingOverflow(by: DecimalNumber.power(shift))
      return overflow ? nil : signed(product)
    }
    if shift == 0 {
      let up = tailFirst > 5 || (tailFirst == 5 && (tailRest || digits & 1 == 1))
      return signed(digits + (up ? 1 : 0))
    }
    // With twenty digits or more to drop, less than 0.1 is left, which rounds to zero.
    guard shift >= -19 else { return 0 }
    let divisor = DecimalNumber.power(-shift)
    let quotient = digits / divisor
    let remainder = digits % divisor
    let half = divisor / 2
    let up = remainder > half || (remainder == half && (hasTail || quotient & 1 == 1))
    return signed(quotient + (up ? 1 : 0))
  }

  /// Whether the value is a whole number; meant for values that fit 64 bits.
  var isWhole: Bool {
    if digits == 0 { return true }
    if hasTail || exponent < -19 { return false }
    return exponent >= 0 || digits % DecimalNumber.power(-exponent) == 0
  }

  private var hasTail: Bool { tailFirst != 0 || tailRest }

  private func signed(_ magnitude: UInt64) -> Int64? {
    if negative {
      return magnitude <= UInt64(Int64.max) + 1 ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil
    }
    return Int64(exactly: magnitude)
  }

  private mutating func append(_ digit: UInt8, fraction: Bool) {
    if digits < 1_000_000_000_000_000_000 {
      digits = digits * 10 + UInt64(digit)
      if fraction { exponent -= 1 }
    } else {
      if tailCount == 0 { tailFirst = digit } else if digit != 0 { tailRest = true }
      tailCount += 1
      if !fraction { exponent += 1 }
    }
  }

  private mutating func readExponent(_ bytes: UnsafePointer<UInt8>, _ count: Int, _ start: Int) -> Bool {
    var at = start
    var negative = false
    if at < count, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") {
      negative = bytes[at] == UInt8(ascii: "-")
      at += 1
    }
    if at == count { return false }
    var value = 0
    while at < count {
      guard let digit = DecimalNumber.digit(bytes[at]) else { return false }
      // Past a million the value is zero or out of range whatever the digits are.
      if value < 1_000_000 { value = value * 10 + Int(digit) }
      at += 1
    }
    exponent += negative ? -value : value
    return true
  }

  @inline(__always)
  private static func digit(_ byte: UInt8) -> UInt8? {
    let value = byte &- UInt8(ascii: "0")
    return value < 10 ? value : nil
  }

  private static func power(_ exponent: Int) -> UInt64 {
    var result: UInt64 = 1
    for _ in 0..<exponent { result *= 10 }
    return result
  }
}
