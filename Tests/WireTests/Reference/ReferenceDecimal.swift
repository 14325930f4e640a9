/// Decimal numbers by moving the point in the text: nothing that could share a fault with the scanner.
struct ReferenceDecimal {
  private(set) var isNegative = false
  /// All digits, without the point.
  private var digits: [UInt8] = []
  /// Digits before the point; may be negative or past the end.
  private var point = 0

  /// Takes JSON's numbers and those with a bare leading point; nil for anything else.
  init?(_ text: [UInt8]) {
    var rest = text[...]
    if rest.first == UInt8(ascii: "-") {
      isNegative = true
      rest = rest.dropFirst()
    }
    let mantissa = rest.prefix { $0 != UInt8(ascii: "e") && $0 != UInt8(ascii: "E") }
    let hasExponent = mantissa.count < rest.count
    let parts = mantissa.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
    guard let whole = parts.first, parts.count == 1 || !parts[1].isEmpty else { return nil }
    digits = Array(whole) + (parts.count > 1 ? Array(parts[1]) : [])
    point = whole.count
    guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    if hasExponent {
      guard let exponent = ReferenceDecimal.exponent(rest.dropFirst(mantissa.count + 1)) else { return nil }
      point += exponent
    }
  }

  private static func exponent(_ text: ArraySlice<UInt8>) -> Int? {
    var rest = text
    let sign = rest.first
    if sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { rest = rest.dropFirst() }
    guard !rest.isEmpty, rest.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    let significant = rest.drop { $0 == 0x30 }
    let value = significant.count > 6 ? 1_000_000 : Int(String(decoding: significant, as: UTF8.self)) ?? 0
    return sign == UInt8(ascii: "-") ? -value : value
  }

  /// The digits before and after the point once it is moved right by `places`.
  private func split(_ places: Int) -> (whole: [UInt8], part: [UInt8])? {
    let place = point + places
    if digits.allSatisfy({ $0 == 0x30 }) { return ([0x30], []) }
    if place > digits.count + 40 { return nil }
    if place < -40 { return ([0x30], [0x31]) }
    let padded =
      Array(repeating: UInt8(0x30), count: max(0, -place)) + digits
      + Array(repeating: 0x30, count: max(0, place - digits.count))
    return (Array(padded.prefix(max(0, place))), Array(padded.dropFirst(max(0, place))))
  }

  /// The value times 10^places, rounded half to even; nil when it does not fit.
  func rounded(_ places: Int) -> Int64? {
    guard let (whole, part) = split(places) else { return nil }
    var digits = whole.isEmpty ? [0x30] : whole
    let first = part.first ?? 0x30
    let isHalf = first == 0x35 && part.dropFirst().allSatisfy { $0 == 0x30 }
    let isOdd = (digits.last ?? 0x30) & 1 == 1
    if isHalf ? isOdd : first >= 0x35 {
      var at = digits.count - 1
      while at >= 0, digits[at] == 0x39 {
        digits[at] = 0x30
        at -= 1
      }
      if at >= 0 { digits[at] += 1 } else { digits.insert(0x31, at: 0) }
    }
    return Int64((isNegative ? "-" : "") + String(decoding: digits, as: UTF8.self))
  }

  /// The value if it is whole and fits.
  var whole: Int64? {
    guard let (_, part) = split(0), part.allSatisfy({ $0 == 0x30 }) else { return nil }
    return rounded(0)
  }
}
