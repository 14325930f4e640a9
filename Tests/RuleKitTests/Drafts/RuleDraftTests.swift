import COrderFlow
import Documents
import OrderFlow
import RuleEngine
import Testing

@testable import RuleKit

@Suite("Rules drafted from orders")
struct RuleDraftTests {
  /// An order of a wallet and a token, whose digits tell them apart.
  private static func order(
    _ seconds: Int64, _ wallet: Int, _ token: Int, shares: Int64, price: Int64, sells: Bool = false,
    market: String? = "btc-150k-dec", label: String? = "Yes", role: Int = BB_ROLE_UNKNOWN
  ) -> TestOrder {
    var order = TestOrder(time: 1_767_556_295_000 + seconds * 1000, price: price, shares: shares * 1_000_000)
    order.isSale = sells
    order.role = UInt8(role)
    order[.user] = "0x6031b6eed1c97e853c6e0f03ad3ce3529351f96\(wallet)"
    order[.tokenID] = "803182743918274391827439182743\(token)"
    order[.marketSlug] = market
    order[.tokenLabel] = label
    order[.txHash] = "0xabc"
    return order
  }

  private static let sweep = [
    order(0, 1, 1, shares: 10_000, price: 550_000), order(20, 1, 1, shares: 10_000, price: 560_000),
    order(95, 1, 1, shares: 12_345, price: 590_000), order(95, 1, 1, shares: 12_345, price: 590_000),
  ]

  struct Example: Sendable, CustomTestStringConvertible {
    var name: String
    var orders: [TestOrder]
    var testDescription: String { name }
  }

  static let examples: [Example] = [
    Example(name: "a purchase", orders: [order(0, 1, 1, shares: 5000, price: 123_456)]),
    Example(name: "a sale of almost nothing", orders: [order(0, 1, 1, shares: 1, price: 7, sells: true)]),
    Example(name: "a sweep", orders: sweep),
    Example(name: "a sweep, told backwards", orders: sweep.reversed()),
    Example(
      name: "two wallets in one outcome, takers",
      orders: [1, 2].map {
        order(Int64($0) * 3000, $0, 1, shares: 2000, price: 500_000, role: BB_ROLE_TAKER)
      }),
    Example(
      name: "a wallet in both outcomes of a market",
      orders: [
        order(0, 1, 1, shares: 100, price: 400_000), order(5, 1, 2, shares: 100, price: 610_000, label: nil),
        order(6, 1, 3, shares: 90, price: 610_000, label: "#1: a \"b\""),
      ]),
    Example(
      name: "a wallet that buys and sells",
      orders: [
        order(0, 1, 1, shares: 1000, price: 500_000),
        order(0, 1, 1, shares: 1000, price: 500_000, sells: true, role: BB_ROLE_MAKER),
      ]),
    Example(
      name: "nothing in common",
      orders: [
        order(0, 1, 1, shares: 77, price: 500_000, market: "yes-or-no"),
        order(86_400 * 3, 2, 2, shares: 5, price: 990_000, sells: true, market: nil),
        order(86_400 * 400, 3, 3, shares: 9, price: 1_000_000, market: "Über: \"uns\""),
      ]),
    Example(
      name: "twenty wallets",
      orders: (0..<20).map { order(Int64($0), $0, 1, shares: 10 + Int64($0), price: 420_000) }),
  ]

  @Test(
    "a draft loads, pleases the lint, fires on the last order, and is quiet on what is almost that",
    arguments: examples)
  func passes(_ example: Example) throws {
    let draft = try RuleDraft("mine", from: example.orders)
    let file = try DraftCheck.check(draft.files[0].text, draft.files[1].text)
    let first = try #require(file.tests.first)
    #expect(first.events.map(\.marks).filter { !$0.isEmpty } == [[.signal(.medium)]])
    #expect(first.events.last?.marks == [.signal(.medium)])
    #expect(first.events.count == example.orders.count)
    #expect(file.tests.count >= (example.orders.count == 1 ? 2 : 3))
    for line in draft.files[0].text.split(separator: "\n") { #expect(!line.hasSuffix(" ")) }
  }

  @Test(
    "of the mutants of a draft only those just below an amount survive its tests",
    arguments: [("a purchase", 100), ("a sweep", 95)])
  func mutants(_ name: String, _ percent: Int) throws {
    let example = try #require(Self.examples.first { $0.name == name })
    let draft = try RuleDraft("mine", from: example.orders)
    let sources = RuleSources(rules: [.init(name: "mine", source: Array(draft.source.utf8))])
    let file = try RuleTestFile.read(draft.test, path: "mine.test.yaml") { _ in [] }
    let subject = try #require(try RuleMutationSubject(sources, rule: "mine", tests: file.tests))
    let report = try MutationRun().run(subject, rule: "mine")
    #expect(report.survivors.map(\.mutant).filter { $0.kind != .less }.map(\.change) == [])
    #expect(report.score.reaches(percent: percent), "\(report.score.text)")
  }

  @Test("what the orders share becomes keys, conditions and limits, with what they had beside them")
  func sweepDraft() throws {
    let source = try RuleDraft("mine", from: Self.sweep).source
    for part in [
      #"by    = { "user", "token_id" }"#, #"span  = "2m""#, #"side = "BUY""#, "param.int(4",
      "param.usd(5000, ", "-- it was $5,500.00", "param.usd(25000, ", "-- it was $25,667.10",
      "param.usd(0.04, ",
      #"dedup = { by = { "user", "token_id" }, hold = "2m" }"#,
    ] { #expect(source.contains(part), "\(part)") }
  }

  @Test("takers of several wallets are counted once a match")
  func takers() throws {
    #expect(try RuleDraft("mine", from: Self.examples[4].orders).source.contains(#"role = "taker""#))
    #expect(try !RuleDraft("mine", from: Self.sweep).source.contains("role"))
  }

  @Test("the test names wallets and markets, and has the orders as they were")
  func names() throws {
    let test = try RuleDraft("mine", from: Self.sweep).test
    #expect(test.contains("  alice: \"0x6031b6eed1c97e853c6e0f03ad3ce3529351f961\"\n"))
    #expect(test.contains("    slug: \"btc-150k-dec\"\n"))
    #expect(test.contains("clock: 2026-01-04T19:51:35Z\n"))
    #expect(test.contains("+0s  alice BUY 10000 @0.55 btc.Yes\n"))
    #expect(test.contains("+95s alice BUY 12345 @0.59 btc.Yes   #> medium\n"))
  }

  @Test("what cannot be drafted from is said in one line")
  func refused() {
    func message(_ orders: [TestOrder]) -> String? {
      do throws(PlacedProblem) {
        _ = try RuleDraft("mine", from: orders)
        return nil
      } catch { return error.description }
    }
    let order = Self.sweep[0]
    func changed(_ change: (inout TestOrder) -> Void) -> [TestOrder] {
      var other = order
      change(&other)
      return [other]
    }
    #expect(message([])?.contains("worth nothing") == true)
    #expect(message(changed { $0.shares = 0 })?.contains("no shares") == true)
    #expect(message(changed { ($0.shares, $0.price) = (1, 1) })?.contains("worth nothing") == true)
    #expect(message(changed { $0.price = 1_500_000 })?.contains("the price 1.5") == true)
    #expect(message(changed { $0[.user] = "someone" })?.contains("'someone' is no address") == true)
    #expect(
      message(changed { $0.shares = .max } + changed { $0.shares = .max })?.contains(
        "more than can be counted") == true)
    #expect(message([order] + changed { $0.time = .max })?.contains("years apart") == true)
    #expect(message(Array(repeating: order, count: 201))?.contains("201 orders are too many") == true)
    #expect(message([order] + changed { $0.time += 3001 * 86_400_000 })?.contains("years apart") == true)
  }
}
