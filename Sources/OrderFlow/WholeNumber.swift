/// Whole numbers in any decimal spelling: `1760000000`, `1.76e9`, `1760000000.0`.
public enum WholeNumber {
  /// Why a text is not a whole number that fits.
  public enum ParseError: Error, Equatable {
    /// The text is not a decimal number.
    case malformed
    /// The number does not fit 64 bits.
    case overflow
    /// The number has a fraction.
    case fraction
  }

  /// Parses `count` bytes of decimal text; the whole of them must be one whole number.
  public static func parse(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Result<Int64, ParseError> {
    var number = DecimalNumber()
    guard number.read(bytes, count) else { return .failure(.malformed) }
    guard let value = number.scaled(places: 0) else { return .failure(.overflow) }
    return number.isWhole ? .success(value) : .failure(.fraction)
  }
}
