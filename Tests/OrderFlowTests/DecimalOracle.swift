/// Decimal text as a fraction of two long integers, digit by digit: slow, and nothing like the code under
/// test.
struct DecimalOracle {
  /// Decimal digits, most significant first.
  private var numerator: [UInt8]
  /// The denominator is ten to this.
  private var places: Int
  private let isNegative: Bool

  /// Takes a number with an optional sign, point and exponent that was made by a test.
  init(_ text: String) {
    var body = Substring(text)
    isNegative = body.first == "-"
    if isNegative { body.removeFirst() }
    let halves = body.split(whereSeparator: { $0 == "e" || $0 == "E" })
    let mantissa = halves.first ?? "0"
    let exponent = halves.count > 1 ? Int(halves[1].drop { $0 == "+" }) ?? 0 : 0
    let parts = mantissa.split(separator: ".", omittingEmptySubsequences: false)
    numerator = mantissa.filter { $0 != "." }.compactMap { $0.wholeNumberValue.map { UInt8($0) } }
    places = (parts.count > 1 ? parts[1].count : 0) - exponent
  }

  /// The fraction times 10^shift, divided out by long division and rounded half to even.
  func scaled(_ shift: Int) -> Int64? {
    var digits = numerator
    var drop = places - shift
    while drop < 0 {
      digits.append(0)
      drop += 1
    }
    // Compare twice the remainder with the divisor 10^drop, digit by digit.
    if digits.count < drop { digits = Array(repeating: 0, count: drop - digits.count) + digits }
    let quotient = digits.prefix(digits.count - drop)
    let remainder = digits.suffix(drop)
    let half = [5] + Array(repeating: UInt8(0), count: max(drop - 1, 0))
    var value: UInt64 = 0
    for digit in quotient {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      if overflow { return nil }
      let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
      if carry { return nil }
      value = sum
    }
    if drop > 0 {
      let isAbove = half.lexicographicallyPrecedes(remainder)
      if isAbove || (Array(remainder) == half && value % 2 == 1) {
        if value == UInt64.max { return nil }
        value += 1
      }
    }
    if isNegative { return value <= 1 << 63 ? Int64(truncatingIfNeeded: 0 &- value) : nil }
    return Int64(exactly: value)
  }
}
