import COrderFlow
import OrderFlow

/// What orders have in common, and what they amount to.
struct ExemplarTraits: Sendable {
  let count: Int
  /// Of the first to the last, ms.
  let span: Int64
  /// Different wallets.
  let wallets: Int
  let isOneToken: Bool
  /// Whether all are of one market that has a slug.
  let isOneMarket: Bool
  /// `BUY` or `SELL`, nil when there are both.
  let side: String?
  /// Whether all are known to have crossed the spread.
  let areTakers: Bool
  /// All together, micro-dollars.
  let sum: Int64
  /// The smallest, rounded down, micro-dollars.
  let smallest: Int64
  let lowestPrice: Int64
  let highestPrice: Int64

  /// Nil when one is worth less than a micro-dollar, or all together more than 64 bits of them.
  init?(_ orders: [TestOrder]) {
    guard let first = orders.first, let last = orders.last else { return nil }
    var (sum, smallest): (Int64, Int64) = (0, .max)
    for order in orders {
      guard let worth = Micros.notional(price: order.price, shares: order.shares), worth.floor > 0 else {
        return nil
      }
      let (total, isOver) = sum.addingReportingOverflow(worth.rounded)
      if isOver { return nil }
      (sum, smallest) = (total, min(smallest, worth.floor))
    }
    let (span, isFar) = last.time.subtractingReportingOverflow(first.time)
    if isFar { return nil }
    count = orders.count
    self.span = span
    wallets = Set(orders.map { $0[.user] }).count
    isOneToken = Set(orders.map { $0[.tokenID] }).count == 1
    isOneMarket = first[.marketSlug] != nil && Set(orders.map { $0[.marketSlug] }).count == 1
    side = Set(orders.map(\.isSale)).count == 1 ? (first.isSale ? "SELL" : "BUY") : nil
    areTakers = orders.allSatisfy { $0.role == UInt8(BB_ROLE_TAKER) }
    self.sum = sum
    self.smallest = smallest
    lowestPrice = orders.map(\.price).min() ?? 0
    highestPrice = orders.map(\.price).max() ?? 0
  }

  // MARK: What a rule makes of it

  /// The fields that a group is made by.
  var keys: [String] {
    var keys: [String] = []
    if wallets == 1 { keys.append("user") }
    if isOneToken { keys.append("token_id") } else if isOneMarket { keys.append("market_slug") }
    return keys.isEmpty ? ["venue"] : keys
  }

  /// Whether a rule counts each match once: a sum over wallets has both legs of it.
  var countsTakers: Bool { areTakers && wallets > 1 }

  /// How far the window reaches back, ms.
  var window: Int64 { HandsomeNumber.span(over: span) }
  /// What an order must be worth to count, micro-dollars.
  var leastOrder: Int64 { HandsomeNumber.floor(smallest) }
  /// What all together must be worth, micro-dollars.
  var leastSum: Int64 { HandsomeNumber.floor(sum) }
  /// How far the price must move, micro-dollars a share; nil when it hardly did, or there are several outcomes.
  var leastMove: Int64? {
    let move = highestPrice - lowestPrice
    return isOneToken && move >= 10_000 ? HandsomeNumber.floor(move) : nil
  }
}
