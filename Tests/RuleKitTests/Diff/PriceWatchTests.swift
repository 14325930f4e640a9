import OrderFlow
import Testing

@testable import RuleKit

@Suite("Prices after signals")
struct PriceWatchTests {
  private static func signal(_ seq: Int64, side: String? = "BUY", hasOrder: Bool = true) -> Signal {
    SignalLedgerTests.signal(seq) {
      $0.token = "7"
      $0.side = side
      $0.hasOrder = hasOrder
    }
  }

  /// Orders of token 7, one a second from 1 on, whose prices are given; 0 is an order of another token.
  private static func outcome(_ signal: Signal, _ prices: [Int64]) -> PriceOutcome? {
    var watch = PriceWatch([signal], horizon: 3000)
    for (place, price) in prices.enumerated() {
      let seq = Int64(place + 1)
      watch.see(seq: seq, time: seq * 1000, price: price == 0 ? 999 : price, token: price == 0 ? "8" : "7")
    }
    return watch.outcome(of: signal.id)
  }

  @Test("the price at the signal's order, and the last one until the time is over")
  func both() {
    let found = Self.outcome(Self.signal(2), [10, 20, 30, 40, 50, 60])
    #expect(found == PriceOutcome(price: 20, later: 50, move: 30))
    #expect(Self.outcome(Self.signal(2, side: "SELL"), [10, 20, 30, 0, 0, 60])?.move == -10)
    #expect(
      Self.outcome(Self.signal(2, side: nil), [10, 20, 30, 0, 0, 60])
        == PriceOutcome(price: 20, later: 30, move: nil))
  }

  @Test("a signal without an order is priced by the order before it")
  func withoutOrder() {
    #expect(
      Self.outcome(Self.signal(3, hasOrder: false), [10, 20, 30, 0, 0, 0])
        == PriceOutcome(price: 20, later: 30, move: 10))
  }

  @Test(
    "without a later price, and where the orders end too early, there is none",
    arguments: [[10, 20, 0, 0, 0, 0], [10, 20, 30, 40], [0, 0, 30, 0, 0, 0], []] as [[Int64]])
  func none(prices: [Int64]) {
    #expect(Self.outcome(Self.signal(2), prices) == nil)
  }

  @Test("moves are summed up by their median, their mean and how many went the right way")
  func summary() {
    #expect(OutcomeSummary([]) == nil)
    let summary = OutcomeSummary([30, -10, 10, 0])
    #expect(summary?.count == 4 && summary?.inFavour == 2 && summary?.median == 0 && summary?.mean == 7)
    #expect(OutcomeSummary([.max, .max])?.mean == .max)
  }

  @Test(
    "moves are told in cents",
    arguments: [
      (0, "0 ¢"), (30_000, "+3 ¢"), (-5_550, "-0.56 ¢"), (10_100, "+1.01 ¢"), (1_000_000, "+100 ¢"),
      (40, "0 ¢"),
      (Int64.min, "-922337203685477.58 ¢"),
    ] as [(Int64, String)])
  func cents(micros: Int64, expected: String) {
    #expect(DiffReport.cents(micros) == expected)
  }
}
