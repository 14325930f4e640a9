/// A generator of test data that gives the same numbers in every run (SplitMix64).
struct Random {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }

  /// A number below the limit, small ones more often: the mean is a quarter of the limit.
  mutating func skewed(_ limit: Int) -> Int {
    let unit = Double(next() >> 11) / Double(1 << 53)
    return min(Int(unit * unit * unit * Double(limit)), limit - 1)
  }

  mutating func hex(_ count: Int) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: (0..<count).map { _ in digits[Int(next() >> 60)] }, as: UTF8.self)
  }

  mutating func decimal(_ count: Int) -> String {
    String(decoding: (0..<count).map { _ in 0x31 + UInt8(next() % 9) }, as: UTF8.self)
  }
}
