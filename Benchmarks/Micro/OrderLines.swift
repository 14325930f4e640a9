/// Generated orders with the shape of the large benchmark: twelve keys, about 580 bytes a line.
enum OrderLines {
  /// `count` lines; the same in every run.
  static func make(_ count: Int) -> [UInt8] {
    var random = SplitMix(state: 1)
    let tokens = (0..<600).map { _ in decimal(77, &random) }
    let conditions = (0..<300).map { _ in hex(64, &random) }
    let users = (0..<5000).map { _ in hex(40, &random) }
    let exchange = "0x4bfb41d5b3570defd03c39a9a4d8de6bd8b8982e"
    var lines: [UInt8] = []
    lines.reserveCapacity(count * 600)
    for number in 0..<count {
      let token = Int.random(in: 0..<tokens.count, using: &random)
      let shares = Int.random(in: 1_000_000..<900_000_000, using: &random)
      let isSale = Bool.random(using: &random)
      let fraction = String(1_000_000 + shares % 1_000_000).dropFirst()
      let taker = number % 3 == 0 ? exchange : users[Int.random(in: 0..<5000, using: &random)]
      lines += Array("{\"token_id\":\"\(tokens[token])\",\"side\":\"\(isSale ? "SELL" : "BUY")\",".utf8)
      lines += Array("\"market_slug\":\"market-\(token)-\(conditions[token / 2].dropFirst(60))\",".utf8)
      lines += Array("\"condition_id\":\"\(conditions[token / 2])\",\"shares\":\(shares),".utf8)
      lines += Array("\"shares_normalized\":\(shares / 1_000_000).\(fraction),".utf8)
      lines += Array("\"price\":0.\(Int.random(in: 11...99, using: &random)),".utf8)
      lines += Array("\"tx_hash\":\"\(hex(64, &random))\",\"order_hash\":\"\(hex(64, &random))\",".utf8)
      lines += Array("\"timestamp\":\(1_760_000_000 + number / 50),".utf8)
      lines += Array(
        "\"user\":\"\(users[Int.random(in: 0..<5000, using: &random)])\",\"taker\":\"\(taker)\"}\n".utf8)
    }
    return lines
  }

  private static func decimal(_ count: Int, _ random: inout SplitMix) -> String {
    String(decoding: (0..<count).map { _ in UInt8.random(in: 0x31...0x39, using: &random) }, as: UTF8.self)
  }

  private static func hex(_ count: Int, _ random: inout SplitMix) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return "0x" + String(decoding: (0..<count).map { _ in digits[Int(random.next() >> 60)] }, as: UTF8.self)
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
