/// An exact amount in millionths: micro-dollars of money, or micro-shares of size.
public struct Micros: Hashable, Comparable, Sendable {
  /// The number of millionths.
  public var raw: Int64

  /// Wraps a number of millionths.
  public init(raw: Int64) { self.raw = raw }

  /// Orders by amount.
  public static func < (left: Micros, right: Micros) -> Bool { left.raw < right.raw }

  /// Why a text is not an amount.
  public enum ParseError: Error, Equatable {
    /// The text is not a decimal number.
    case malformed
    /// The number does not fit 64 bits of millionths.
    case overflow
  }

  /// The amount that a decimal text such as `0.48`, `.48`, `1e3` or `10000` means.
  ///
  /// Digits past the sixth place round half to even. Nothing passes through a binary float.
  public init(decimal text: some StringProtocol) throws(ParseError) {
    var text = String(text)
    let parsed: Result<Int64, ParseError> = text.withUTF8 { bytes in
      guard let start = bytes.baseAddress else { return .failure(.malformed) }
      return Micros.parse(start, bytes.count)
    }
    raw = try parsed.get()
  }

  /// Parses `count` bytes of decimal text; the whole of them must be one number.
  public static func parse(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Result<Int64, ParseError> {
    var number = DecimalNumber()
    guard number.read(bytes, count) else { return .failure(.malformed) }
    guard let scaled = number.scaled(places: 6) else { return .failure(.overflow) }
    return .success(scaled)
  }

  /// `price × shares / 10⁶` with a 128-bit intermediate: rounded half to even, and rounded down.
  ///
  /// Returns nil when the result does not fit 64 bits.
  @inlinable
  public static func notional(price: Int64, shares: Int64) -> (rounded: Int64, floor: Int64)? {
    let (narrow, overflow) = price.multipliedReportingOverflow(by: shares)
    var quotient: Int64
    var remainder: Int64
    if overflow {
      let wide = price.multipliedFullWidth(by: shares)
      // |product| < 2^63 x 10^6, or the quotient does not fit and the division would trap.
      guard wide.high >= -500_000, wide.high < 500_000 else { return nil }
      (quotient, remainder) = (1_000_000 as Int64).dividingFullWidth(wide)
    } else {
      quotient = narrow / 1_000_000
      remainder = narrow % 1_000_000
    }
    if remainder < 0 {
      quotient -= 1
      remainder += 1_000_000
    }
    guard remainder > 500_000 || (remainder == 500_000 && quotient & 1 == 1) else {
      return (quotient, quotient)
    }
    return quotient == Int64.max ? nil : (quotient + 1, quotient)
  }

  /// The amount as decimal text without superfluous zeros: `25000`, `0.48`, `-1.000001`.
  public var text: String {
    let magnitude = raw.magnitude
    let whole = magnitude / 1_000_000
    let part = magnitude % 1_000_000
    var result = raw < 0 ? "-\(whole)" : "\(whole)"
    if part == 0 { return result }
    var digits = String(part)
    digits = String(repeating: "0", count: 6 - digits.utf8.count) + digits
    while digits.utf8.last == UInt8(ascii: "0") { digits.removeLast() }
    result += "." + digits
    return result
  }
}

extension Micros: CustomStringConvertible {
  /// The same as `text`.
  public var description: String { text }
}
