import OrderFlow
import Testing

@Suite struct WholeNumberTests {
  private func parse(_ text: String) -> Result<Int64, WholeNumber.ParseError> {
    let bytes = Array(text.utf8)
    return bytes.withUnsafeBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return .failure(.malformed) }
      return WholeNumber.parse(start, buffer.count)
    }
  }

  private static let spellings: [(String, Int64)] = [
    ("1760000000", 1_760_000_000), ("1.76e9", 1_760_000_000), ("1760000000.000", 1_760_000_000), ("-0.0", 0),
    ("9223372036854775807", Int64.max), ("-9223372036854775808", Int64.min), ("12300e-2", 123), ("0e5", 0),
    ("9223372036854775807.00000000000000000000", Int64.max), ("1000000000000000000000000e-20", 10_000),
  ]

  @Test("a whole number is one in any spelling", arguments: spellings)
  func whole(text: String, expected: Int64) {
    #expect(parse(text) == .success(expected))
  }

  @Test(
    "a fraction is told from what is no number and from what does not fit",
    arguments: [
      ("1.5", WholeNumber.ParseError.fraction), ("0.1", .fraction), ("1e-40", .fraction), ("5e-1", .fraction),
      ("1760000000.00000000000000000001", .fraction), ("9223372036854775808", .overflow), ("1e19", .overflow),
      ("", .malformed), ("1e", .malformed), ("one", .malformed),
    ])
  func refused(text: String, expected: WholeNumber.ParseError) {
    #expect(parse(text) == .failure(expected))
  }
}
