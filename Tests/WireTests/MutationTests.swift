import OrderFlow
import Testing
import Wire

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

@Suite struct MutationTests {
  @Test("an order message cut at any byte is judged as the reference judges it", arguments: Samples.all)
  func cutAnywhere(sample: String) {
    let bytes = Array(sample.utf8)
    for count in 0...bytes.count {
      let cut = Array(bytes[..<count])
      #expect(scan(cut) == ReferenceScanner.scan(cut), "cut after \(count) bytes")
    }
  }

  @Test(
    "100,000 mutated messages are judged as the reference judges them, with and without speculation",
    arguments: Samples.all.indices, 0..<4)
  func mutated(sample: Int, part: Int) {
    let original = Array(Samples.all[sample].utf8)
    // The first message teaches the layout that is then speculated on.
    let prefix = original + [0x0A]
    var random = SplitMix(state: UInt64(sample * 1000 + part))
    for _ in 0..<5000 {
      var message = original
      for _ in 0..<Int.random(in: 1...3, using: &random) { MutationTests.mutate(&message, &random) }
      let expected = ReferenceScanner.scan(message)
      let speculated = scan(prefix + message)
      #expect(speculated.orders.count == expected.orders.count + 1)
      if speculated.orders.dropFirst().map(MutationTests.unplaced)
        != expected.orders.map(MutationTests.unplaced)
        || speculated.rejected.count != expected.rejected.count || speculated.skipped != expected.skipped
      {
        Issue.record("differs: \(String(decoding: message, as: UTF8.self))")
      }
      if scan(message, speculates: false) != expected {
        Issue.record("differs without speculation: \(String(decoding: message, as: UTF8.self))")
      }
    }
  }

  /// An order without its place in the input.
  private static func unplaced(_ order: OrderCopy) -> OrderCopy {
    var order = order
    order.line = 0
    order.offset = 0
    return order
  }

  private static let interesting =
    Array("\"\\{}[]:,.eE+-0195 tfnBu\n\r\u{0}".utf8) + [0x1F, 0x7F, 0x80, 0xC3, 0xE2, 0xED, 0xF4, 0xFF]

  static func mutate(_ message: inout [UInt8], _ random: inout SplitMix) {
    guard message.count > 1 else { return }
    let place = Int.random(in: 0..<message.count, using: &random)
    switch Int.random(in: 0..<6, using: &random) {
    case 0: message[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1: message.insert(interesting[Int.random(in: 0..<interesting.count, using: &random)], at: place)
    case 2: message.remove(at: place)
    case 3: message.swapAt(place, Int.random(in: 0..<message.count, using: &random))
    case 4: message[place] = interesting[Int.random(in: 0..<interesting.count, using: &random)]
    default:
      let end = min(message.count, place + Int.random(in: 1..<40, using: &random))
      message.insert(contentsOf: message[place..<end], at: Int.random(in: 0...message.count, using: &random))
    }
  }
}
