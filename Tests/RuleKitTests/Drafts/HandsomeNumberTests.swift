import Testing

@testable import RuleKit

@Suite("Handsome numbers")
struct HandsomeNumberTests {
  @Test(
    "an amount is rounded down to one that people would write",
    arguments: [
      (1, 1), (9, 9), (10, 10), (11, 10), (13, 12), (99, 80), (100, 100), (25_300_000_000, 25_000_000_000),
      (9_999_999_999, 8_000_000_000), (40_000, 40_000), (37_000, 30_000),
      (Int64.max, 8_000_000_000_000_000_000),
    ] as [(Int64, Int64)])
  func floor(_ number: Int64, _ expected: Int64) { #expect(HandsomeNumber.floor(number) == expected) }

  @Test(
    "a span is the next longer one that people would write",
    arguments: [
      (0, "10s"), (9_999, "10s"), (10_000, "30s"), (121_000, "5m"), (3_599_999, "1h"), (3_600_000, "2h"),
      (86_400_000, "2d"), (2_592_000_000, "31d"),
    ] as [(Int64, String)])
  func span(_ milliseconds: Int64, _ expected: String) {
    #expect(HandsomeNumber.text(HandsomeNumber.span(over: milliseconds)) == expected)
  }
}
