/// SplitMix64: the same numbers for the same seed on every machine.
struct SeededRandom: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// Begins anew; `stream` tells apart the uses of one seed.
  init(seed: UInt64, stream: UInt64 = 0) {
    state = seed
    if stream > 0 { state = next() ^ (stream &* 0x9E37_79B9_7F4A_7C15) }
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value &>> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value &>> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value &>> 31)
  }

  /// True with this probability.
  mutating func happens(_ probability: Double) -> Bool {
    // Nothing is drawn for 0, so that a rate that is not used changes no other.
    if probability <= 0 { return false }
    return Double(next() &>> 11) < probability * 9_007_199_254_740_992
  }

  /// A number below `bound`, which is at least 1; the small bias of a remainder does not matter here.
  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(1, bound))) }

  /// A number of the range.
  mutating func within(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + below(range.upperBound - range.lowerBound + 1)
  }
}
