internal import CScan
internal import OrderFlow

/// Numbers read straight from the input.
///
/// Each function returns nil for what is not such a number or does not fit; the any-order path finds out why.
enum DecimalReader {
  /// A number and the place after it.
  struct Reading {
    var value: Int64
    var end: BytePointer
  }

  /// A JSON number in millionths, rounded half to even.
  @inline(__always)
  static func micros(_ start: BytePointer) -> Reading? {
    let whole = digits(start)
    guard whole.count > 0, start.pointee != Byte.zero || whole.count == 1 else { return generalMicros(start) }
    var at = start + whole.count
    var value = whole.value
    var places = 0
    if at.pointee == Byte.point {
      let part = digits(at + 1)
      places = part.count
      // Seven places or more are rounded.
      guard places > 0, places <= 6, whole.count <= 12 else { return generalMicros(start) }
      value = value &* power(places) &+ part.value
      at += 1 + places
    }
    guard at.pointee | 0x20 != Byte.letterE, whole.count <= 12 else { return generalMicros(start) }
    return Reading(value: Int64(truncatingIfNeeded: value &* power(6 - places)), end: at)
  }

  /// A JSON number without a fraction, however it is spelled.
  @inline(__always)
  static func whole(_ start: BytePointer) -> Reading? {
    let run = digits(start)
    let end = start + run.count
    guard run.count > 0, run.count <= 18, start.pointee != Byte.zero || run.count == 1,
      end.pointee != Byte.point, end.pointee | 0x20 != Byte.letterE
    else { return generalWhole(start) }
    return Reading(value: Int64(truncatingIfNeeded: run.value), end: end)
  }

  /// The place after a JSON number.
  @inline(__always)
  static func skip(_ start: BytePointer) -> BytePointer? {
    let whole = digitCount(start)
    guard whole > 0, start.pointee != Byte.zero || whole == 1 else { return generalSkip(start) }
    var at = start + whole
    if at.pointee == Byte.point {
      let part = digitCount(at + 1)
      guard part > 0 else { return nil }
      at += 1 + part
    }
    return at.pointee | 0x20 == Byte.letterE ? generalSkip(start) : at
  }

  @inline(never)
  private static func generalSkip(_ start: BytePointer) -> BytePointer? {
    var scanner = JSONScanner()
    return scanner.number(start)
  }

  @inline(never)
  private static func generalMicros(_ start: BytePointer) -> Reading? {
    guard let end = generalSkip(start), case .success(let value) = Micros.parse(start, end - start) else {
      return nil
    }
    return Reading(value: value, end: end)
  }

  @inline(never)
  private static func generalWhole(_ start: BytePointer) -> Reading? {
    guard let end = generalSkip(start), case .success(let value) = WholeNumber.parse(start, end - start)
    else {
      return nil
    }
    return Reading(value: value, end: end)
  }

  /// The run of digits at a place. Its value is right up to 18 digits; longer runs are for the general path.
  @inline(__always)
  private static func digits(_ start: BytePointer) -> (value: UInt64, count: Int) {
    let first = eight(start)
    guard first.count == 8 else { return first }
    let second = eight(start + 8)
    let value = first.value &* power(second.count) &+ second.value
    guard second.count == 8 else { return (value, 8 &+ second.count) }
    return tail(start, value)
  }

  @inline(never)
  private static func tail(_ start: BytePointer, _ sixteen: UInt64) -> (value: UInt64, count: Int) {
    var value = sixteen
    var at = start + 16
    while Byte.isDigit(at.pointee) {
      value = value &* 10 &+ UInt64(at.pointee &- Byte.zero)
      at += 1
    }
    return (value, at - start)
  }

  @inline(__always)
  private static func digitCount(_ start: BytePointer) -> Int {
    var at = start
    while true {
      let count = eightCount(bbscan_load64(at) ^ 0x3030_3030_3030_3030)
      at += count
      if count < 8 { return at - start }
    }
  }

  /// How many of eight bytes, from the lowest, are below ten.
  @inline(__always)
  private static func eightCount(_ word: UInt64) -> Int {
    // A byte of ten or more sets its high bit here; its carry only reaches the bytes after it.
    let other = ((word &+ 0x7676_7676_7676_7676) | word) & 0x8080_8080_8080_8080
    return other == 0 ? 8 : other.trailingZeroBitCount &>> 3
  }

  /// Up to eight digits at once: moved up so that zeros lead, then added in pairs, fours and eights.
  @inline(__always)
  private static func eight(_ start: BytePointer) -> (value: UInt64, count: Int) {
    let word = bbscan_load64(start) ^ 0x3030_3030_3030_3030
    let count = eightCount(word)
    if count == 0 { return (0, 0) }
    var value = word &<< UInt64(64 &- 8 &* count)
    value = value &* 10 &+ (value &>> 8)
    let low = (value & 0x0000_00FF_0000_00FF) &* 0x000F_4240_0000_0064
    let high = ((value &>> 16) & 0x0000_00FF_0000_00FF) &* 0x0000_2710_0000_0001
    return ((low &+ high) &>> 32, count)
  }

  @inline(__always)
  private static func power(_ exponent: Int) -> UInt64 {
    switch exponent {
    case 0: 1
    case 1: 10
    case 2: 100
    case 3: 1000
    case 4: 10_000
    case 5: 100_000
    case 6: 1_000_000
    case 7: 10_000_000
    default: 100_000_000
    }
  }
}
