import OrderFlow
import Testing

@testable import RuleEngine

@Suite("Conditions")
struct ConditionTests {
  /// One `where`, and what it means.
  struct Filter: Sendable, CustomTestStringConvertible {
    var lua: String
    var passes: @Sendable (TestOrder) -> Bool
    var testDescription: String { lua }
  }

  static let filters: [Filter] = [
    Filter(lua: "side = 'SELL'") { $0.side == "SELL" },
    Filter(lua: "side = one_of('BUY', 'SELL')") { _ in true },
    Filter(lua: "venue = 'kalshi'") { $0.venue == "kalshi" },
    Filter(lua: "role = 'taker'") { $0.role == "taker" },
    Filter(lua: "role = one_of { 'taker', 'maker' }") { $0.role != "" },
    Filter(lua: "user = '0xb'") { $0.user == "0xb" },
    Filter(lua: "user = one_of('0xb', '0xd', 'a wallet that never comes')") {
      $0.user == "0xb" || $0.user == "0xd"
    },
    Filter(lua: "market_slug = one_of('m1')") { $0.market == "m1" },
    Filter(lua: "usd = 2000002") { $0.usd == 2_000_002 },
    Filter(lua: "usd = at_least(usd(2)), usd_floor = at_most(usd(4))") {
      $0.usd >= 2_000_000 && $0.usd <= 4_000_000
    },
    Filter(lua: "price = one_of(cents(10), cents(20)), side = 'BUY'") {
      $0.price <= 200_000 && $0.side == "BUY"
    },
    Filter(lua: "label = 'Yes'") { _ in false },
    Filter(lua: "taker = '0xt'") { $0.taker == "0xt" },
  ]

  static let orders: [TestOrder] = {
    var random = SeededRandom(77)
    return WindowTests.flow(77, 200).map { order in
      var order = order
      order.venue = Bool.random(using: &random) ? "polymarket" : "kalshi"
      order.role = ["", "taker", "maker"][Int.random(in: 0..<3, using: &random)]
      order.taker = ["", "0xt", "0xT"][Int.random(in: 0..<3, using: &random)]
      return order
    }
  }()

  @Test("a condition lets through what it says, as a rule's `where` and as a window's", arguments: filters)
  func meaning(filter: Filter) throws {
    let rule = TestEngine(
      """
      local R = rule { title = 't', where = { \(filter.lua) }, windows = {
        x = window.sliding { by = {'venue'}, span = '365d', where = { \(filter.lua) }, agg = { n = count() } } } }
      function R.on_order(o, w) signal { title = 'x', evidence = w.x and w.x:orders() or { 0 } } end
      return R
      """)
    let run = try rule.run(ConditionTests.orders)
    let expected = ConditionTests.orders.indices.filter { filter.passes(ConditionTests.orders[$0]) }.map {
      Int64($0 + 1)
    }
    #expect(run.signals.map(\.seq) == expected)
    #expect(run.signals.allSatisfy { signal in signal.evidence.contains(signal.seq) })
    #expect(run.totals[0].calls == UInt64(expected.count))
  }

  @Test("`late` is a condition like any other")
  func late() throws {
    let rule = TestEngine(
      "local R = rule { title = 't', where = { late = true } }\nfunction R.on_order(o) signal { title = 'x' } end\nreturn R"
    )
    #expect(try rule.run([20_000, 15_000, 14_999, 21_000].map { TestOrder($0) }).signals.map(\.seq) == [3])
  }
}
