/// Makes a flow up: matches of a taker with one to three makers in markets of the usual kind.
struct FlowGenerator {
  /// The V2 exchange contract; the taker's own leg names it.
  private static let exchange = "0xe111180000d2663c0091e4f400237545b87b996b"
  private static let subjects = [
    "Norway", "Denmark", "the Lakers", "the Celtics", "Bitcoin", "Ethereum", "the Fed", "Arsenal",
    "Real Madrid",
    "the Senate", "the incumbent", "Solana", "Carlsen", "the home team", "the visitors", "Gold",
  ]
  private static let claims = ["win", "go up", "finish first", "close higher", "qualify", "score twice"]

  private struct Market {
    var outcomes: (UInt32, UInt32)
    var price: Int32
  }

  private var random: SeededRandom
  private var flow = Flow()
  private var markets: [Market] = []
  private var wallets: [UInt32] = []
  private let exchange: UInt32
  private let start: Int64

  /// A flow of `count` legs; its first second is `start`, and `rate` legs have the same second.
  static func flow(count: Int, seed: UInt64, rate: Double, start: Int64 = 1_792_000_000) -> Flow {
    var generator = FlowGenerator(count: count, seed: seed, start: start)
    generator.generate(count, rate: max(rate, 0.001))
    return generator.flow
  }

  private init(count: Int, seed: UInt64, start: Int64) {
    random = SeededRandom(seed: seed, stream: 1)
    exchange = flow.texts.intern(FlowGenerator.exchange.utf8)
    self.start = start
    for number in 0..<min(400, 8 + count / 200) { addMarket(number) }
    for _ in 0..<min(100_000, 40 + count / 20) { wallets.append(flow.texts.intern(hexText(20))) }
  }

  private mutating func addMarket(_ number: Int) {
    let subject = FlowGenerator.subjects[random.below(FlowGenerator.subjects.count)]
    let claim = FlowGenerator.claims[random.below(FlowGenerator.claims.count)]
    let words = "\(subject) \(claim)".lowercased().split(separator: " ").joined(separator: "-")
    let slug = flow.texts.intern("\(words)-\(number)".utf8)
    let title = flow.texts.intern("Will \(subject) \(claim)? (\(number))".utf8)
    let condition = flow.texts.intern(hexText(32))
    let sides = ["Yes", "No"].map { label in
      let digits = (0..<76).map { _ in UInt8(ascii: "0") + UInt8(random.below(10)) }
      return flow.intern(
        Outcome(
          tokenID: flow.texts.intern([UInt8(ascii: "7")] + digits), label: flow.texts.intern(label.utf8),
          slug: slug, conditionID: condition, title: title))
    }
    markets.append(Market(outcomes: (sides[0], sides[1]), price: Int32(random.within(4...96)) * 10_000))
  }

  private mutating func hexText(_ count: Int) -> [UInt8] {
    Array("0x".utf8)
      + (0..<2 * count).map { _ in
        let nibble = UInt8(random.below(16))
        return nibble < 10 ? 0x30 + nibble : 0x57 + nibble
      }
  }

  private mutating func generate(_ count: Int, rate: Double) {
    while flow.count < count {
      let time = start + Int64(Double(flow.count) / rate)
      addMatch(time, room: count - flow.count)
    }
  }

  /// A taker's leg and those of its makers, all in one transaction; at most `room` legs.
  private mutating func addMatch(_ time: Int64, room: Int) {
    // The square of a uniform number prefers few markets and few wallets, as life does.
    let place = skewed(markets.count)
    let step = Int32(random.within(-1...1)) * 10_000
    markets[place].price = min(990_000, max(10_000, markets[place].price + step))
    let market = markets[place]
    let takesFirst = random.below(2) == 0
    let isMint = random.below(5) == 0
    var taker = FlowOrder()
    taker.outcome = takesFirst ? market.outcomes.0 : market.outcomes.1
    taker.price = takesFirst ? market.price : 1_000_000 - market.price
    taker.isBuy = isMint || random.below(3) > 0
    taker.isTaker = true
    taker.time = time
    taker.user = wallets[skewed(wallets.count)]
    taker.taker = exchange
    taker.txHash = Hash256(random: &random)
    taker.orderHash = Hash256(random: &random)
    var makers: [FlowOrder] = []
    for _ in 0..<(1 + skewed(3)) where makers.count + 1 < room {
      makers.append(maker(of: taker, market, takesFirst: takesFirst, isMint: isMint))
    }
    taker.shares = makers.isEmpty ? size() : makers.reduce(0) { $0 + $1.shares }
    for order in makers { flow.append(order) }
    flow.append(taker)
  }

  private mutating func maker(
    of taker: FlowOrder, _ market: Market, takesFirst: Bool, isMint: Bool
  ) -> FlowOrder {
    var maker = taker
    maker.isTaker = false
    maker.user = wallets[skewed(wallets.count)]
    maker.taker = taker.user
    maker.orderHash = Hash256(random: &random)
    maker.shares = size()
    if isMint {
      maker.outcome = takesFirst ? market.outcomes.1 : market.outcomes.0
      maker.price = 1_000_000 - taker.price
    } else {
      maker.isBuy = !taker.isBuy
    }
    return maker
  }

  private mutating func skewed(_ count: Int) -> Int {
    random.below(random.below(max(1, count)) + 1)
  }

  /// Hundredths of shares from 1 to some ten thousand, most of them small.
  private mutating func size() -> Int64 {
    let magnitude = [10, 10, 100, 100, 100, 1000, 1000, 20_000][random.below(8)]
    return Int64(100 + random.below(magnitude * 100)) * 10_000
  }
}
