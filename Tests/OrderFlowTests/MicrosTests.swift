import OrderFlow
import Testing

@Suite struct MicrosTests {
  private static let spellings: [(String, Int64)] = [
    ("0.48", 480_000), (".48", 480_000), ("10000", 10_000_000_000), ("1e3", 1_000_000_000),
    ("-1.5", -1_500_000),
    ("0.0000005", 0), ("0.0000015", 2), ("0.0000025", 2), ("0.00000250000000000000000000000001", 3),
    ("-0.0000025", -2), ("-0.0000035", -4), ("9223372036854.775807", Int64.max),
    ("-9223372036854.775808", Int64.min),
    ("9223372036854.7758074999999999999", Int64.max), ("0e999999999999", 0), ("1e-999999999999", 0),
    ("-0", 0),
    ("1.0000000000000000000000000000", 1_000_000), ("12345678901234567890123e-10", 1_234_567_890_123_456_789),
    ("12345678901234567895e-7", 1_234_567_890_123_456_790),
    ("12345678901234567885e-7", 1_234_567_890_123_456_788),
    ("007", 7_000_000),
  ]

  @Test("decimal text becomes millionths, rounded half to even", arguments: spellings)
  func parses(text: String, expected: Int64) throws {
    #expect(try Micros(decimal: text).raw == expected)
  }

  @Test(
    "what is no number is malformed",
    arguments: [
      "", "-", ".", "1.", "e5", "1e", "1e+", "+1", "0x10", "1 ", " 1", "1,5", "--1", "1e5.0", "NaN", "١",
    ])
  func malformed(text: String) {
    #expect(throws: Micros.ParseError.malformed) { try Micros(decimal: text) }
  }

  @Test(
    "what does not fit 64 bits is an overflow",
    arguments: [
      "9223372036854.775808", "9223372036854.7758075", "-9223372036854.7758085000001", "1e13", "1e99999999",
      "99999999999999999999999999", "18446744073709.551616", "1844674407370955161600000000e-14",
    ])
  func overflow(text: String) {
    #expect(throws: Micros.ParseError.overflow) { try Micros(decimal: text) }
  }

  @Test("20,000 random numbers, most of them near a rounding edge, agree with long division")
  func randomNumbers() {
    var random = SplitMix(state: 42)
    for _ in 0..<20_000 {
      let text = MicrosTests.number(&random)
      let oracle = DecimalOracle(text)
      #expect((try? Micros(decimal: text).raw) == oracle.scaled(6), "\(text)")
    }
  }

  private static func number(_ random: inout SplitMix) -> String {
    func digits(_ range: ClosedRange<Int>) -> String {
      let pool = Array(["0", "0", "0", "1", "5", "5", "9", "9", "4", "7"])
      return (0..<Int.random(in: range, using: &random)).map { _ in
        pool[Int.random(in: 0..<10, using: &random)]
      }
      .joined()
    }
    var text = Bool.random(using: &random) ? "-" : ""
    text += digits(1...22)
    if Bool.random(using: &random) { text += "." + digits(1...24) }
    if Int.random(in: 0..<3, using: &random) == 0 { text += "e\(Int.random(in: -30...8, using: &random))" }
    return text
  }

  @Test(
    "an amount prints without superfluous zeros and reads back",
    arguments: [
      (0 as Int64, "0"), (1, "0.000001"), (-1, "-0.000001"), (25_000_000_000, "25000"), (480_000, "0.48"),
      (Int64.max, "9223372036854.775807"), (Int64.min, "-9223372036854.775808"),
    ])
  func prints(raw: Int64, text: String) throws {
    #expect(Micros(raw: raw).text == text)
    #expect(try Micros(decimal: text).raw == raw)
  }

  private static let products: [(Int64, Int64, Int64, Int64)] = [
    (480_000, 33_586_208, 16_121_380, 16_121_379), (1, 500_000, 0, 0), (3, 500_000, 2, 1), (1, 500_001, 1, 0),
    (-1, 500_000, 0, -1), (-3, 500_000, -2, -2), (-1, 1, 0, -1), (-5, 500_000, -2, -3),
    (1_000_000, Int64.max, Int64.max, Int64.max), (1_000_000, Int64.min, Int64.min, Int64.min),
    (Int64.max, 0, 0, 0), (999_999, Int64.max, 9_223_362_813_482_738_952, 9_223_362_813_482_738_952),
  ]

  @Test("price times shares rounds half to even, and down", arguments: products)
  func notional(price: Int64, shares: Int64, rounded: Int64, floor: Int64) throws {
    let value = try #require(Micros.notional(price: price, shares: shares))
    #expect(value.rounded == rounded && value.floor == floor)
  }

  @Test("a product that does not fit is no value, and the last that fits is one")
  func notionalLimits() {
    #expect(Micros.notional(price: 1_000_001, shares: Int64.max) == nil)
    #expect(Micros.notional(price: Int64.max, shares: Int64.max) == nil)
    #expect(Micros.notional(price: Int64.min, shares: Int64.max) == nil)
    #expect(Micros.notional(price: Int64.min, shares: Int64.min) == nil)
    #expect(Micros.notional(price: 2_000_000, shares: Int64.max / 2)?.floor == Int64.max - 1)
    #expect(Micros.notional(price: -1_000_000, shares: Int64.min) == nil)
    // 2^63 - 1/2 rounds up to what does not fit, though its floor does.
    #expect(Micros.notional(price: 500_000, shares: Int64.max)?.floor == Int64.max / 2)
  }

  @Test("random products agree with 128-bit arithmetic")
  func randomProducts() {
    var random = SplitMix(state: 7)
    for _ in 0..<20_000 {
      let price = Int64.random(in: -2_000_000...2_000_000, using: &random)
      let shares =
        Int64.random(in: Int64.min...Int64.max, using: &random) >> Int64.random(in: 0..<63, using: &random)
      let product = Int128(price) * Int128(shares)
      let floor = (product - ((product % 1_000_000) + 1_000_000) % 1_000_000) / 1_000_000
      let twice = 2 * (product - floor * 1_000_000)
      let rounded = twice > 1_000_000 || (twice == 1_000_000 && floor % 2 != 0) ? floor + 1 : floor
      let value = Micros.notional(price: price, shares: shares)
      if let low = Int64(exactly: floor), let near = Int64(exactly: rounded) {
        #expect(value?.floor == low && value?.rounded == near, "\(price) \(shares)")
      } else {
        #expect(value == nil, "\(price) \(shares)")
      }
    }
  }
}

/// A generator of test data that gives the same numbers in every run (SplitMix64).
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
