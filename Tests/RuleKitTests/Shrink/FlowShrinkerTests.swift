import OrderFlow
import RuleEngine
import Testing

@testable import RuleKit

@Suite("The smallest flow that gives a signal")
struct FlowShrinkerTests {
  /// Fires when a wallet has bought for 1,000 dollars within a minute; and at a tick, about who bought.
  private static let rule = """
    local R = rule {
      title = "spree", timers = { look = "1h" },
      params = { least = param.usd(1000), many = param.int(4) },
      windows = {
        w = window.sliding { by = { "user" }, span = "1m", where = { side = "BUY" }, agg = { n = count(), usd = sum "usd" } },
      },
      dedup = { by = { "user" }, hold = "10m" },
    }
    function R.on_order(o, w)
      if not w.w or w.w.usd < R.params.least then return end
      signal { title = "spree", severity = w.w.n > R.params.many and "high" or "low", data = { n = w.w.n, usd = w.w.usd, of = o.token_label, list = { 1, "a\\"b" } },
        evidence = w.w:orders() }
    end
    function R.on_timer() signal { title = "an hour" } end
    return R
    """

  private static func runner() throws -> RuleTestRunner {
    try RuleTestRunner(
      RuleSources(rules: [.init(name: "spree", source: Array(rule.utf8))]), rule: "spree")
  }

  /// Orders of ten wallets, a second apart, of 50 to 450 dollars; wallets without a hexadecimal address too.
  private static func flow(_ count: Int) -> [TestEvent] {
    (0..<count).map { number in
      var order = TestOrder(
        time: 1_700_000_000_500 + Int64(number) * 1000, price: 500_000,
        shares: Int64(100 + number * 37 % 800) * 1_000_000)
      order.isSale = number % 4 == 3
      order[.user] = number % 10 == 4 ? "person four" : "0xABC\(number % 10)"
      order[.tokenID] = "\(number % 3)"
      order[.tokenLabel] = ["Yes", "No", "Not sure # yet"][number % 3]
      order[.marketSlug] = "m-\(number % 3 / 2)"
      order[.title] = "Will it: \"yes\" or no?"
      order[.txHash] = "0x\(number)"
      return TestEvent(.order(order))
    }
  }

  private static func goal(_ severity: Severity, side: String? = "BUY", data: String? = nil) -> SignalGoal {
    var signal = Signal(
      id: Digest128(high: 0, low: 0), rule: "spree", version: "", seq: 0, time: 0, severity: severity,
      title: "")
    signal.side = side
    signal.data = data
    return SignalGoal(signal, isExact: data != nil)
  }

  @Test(
    "orders are left out until every one counts, and what is left is a test that passes",
    arguments: [Severity.low, .high])
  func shrinks(severity: Severity) throws {
    let runner = try Self.runner()
    let whole = try runner.run(FlowShrinker.test(FlowShrinker.plain(Self.flow(300)), [:]))
    let said = try #require(whole.signals.last { $0.signal.severity == severity && $0.signal.hasOrder })
    let events = Array(Self.flow(300).prefix((said.event ?? 0) + 1))
    let shrinker = FlowShrinker(runner, goal: Self.goal(severity))
    let smallest = try #require(shrinker.shrink(events))
    #expect(smallest.events.count <= 6 && !smallest.ranOut)
    for left in smallest.events.indices.dropLast() {
      var fewer = smallest.events
      fewer.remove(at: left)
      #expect(shrinker.shrink(fewer) == nil, "event \(left) can be left out")
    }
    let draft = try TestDraft(runner, name: "spree", events: smallest.events)
    #expect(draft.problem == nil, "\(draft.text)")
    #expect(draft.text.contains("#> \(severity.name)\n"), "\(draft.text)")
  }

  @Test("the file names wallets and markets, and says what is due")
  func text() throws {
    let runner = try Self.runner()
    let events = [0, 10, 20].map { Self.flow(30)[$0] }
    var draft = try TestDraft(
      runner, name: "a \"spree\"", events: FlowShrinker.plain(events),
      parameters: ["least": "200", "many": "2"])
    draft.remarks = ["one\nremark"]
    #expect(draft.problem == nil, "\(draft.problem ?? "")")
    #expect(
      draft.text == """
        # one remark
        rule: spree
        clock: 2023-11-14T22:13:20Z
        wallets:
          w1: "0xabc0"
        markets:
          m1: { slug: "m-0", title: "Will it: \\"yes\\" or no?", Yes: "0", No: "1" }
          m2: { slug: "m-1", title: "Will it: \\"yes\\" or no?", "Not sure   yet": "2" }
        tests:
          - name: "a \\"spree\\""
            params: { least: "200", many: "2" }
            orders: |
              +500ms   w1 BUY 100 @0.5 m1.Yes
              +10500ms w1 BUY 470 @0.5 m1.No               #> low
              +20500ms w1 BUY 840 @0.5 m2.Not_sure___yet   #> high
            expect:
              - { at: 3, data: { list: [1, "a\\"b"], n: 3, of: "Not sure   yet", usd: $705 }, evidence: [1, 2, 3] }

        """, "\(draft.text)")
  }

  @Test("a signal of a timer ends with the tick that gave it")
  func timer() throws {
    let runner = try Self.runner()
    let events = Self.flow(20) + [TestEvent(.tick(1_700_006_400_000))]
    let smallest = try #require(FlowShrinker(runner, goal: Self.goal(.medium, side: nil)).shrink(events))
    #expect(smallest.events.count == 2, "\(smallest.events.count)")
    let draft = try TestDraft(runner, name: "tick", events: smallest.events)
    #expect(draft.problem == nil, "\(draft.text)")
    #expect(draft.text.contains(" tick") && draft.text.contains("- { at: +"), "\(draft.text)")
  }

  /// Says two things of every sale after a purchase: how many there were, and what was bought before.
  private static let twice = """
    local R = rule { title = "twice" }
    function R.on_order(o)
      if o.side == "BUY" then state.bought = o.usd return end
      if state.bought then signal { title = "after", data = { bought = state.bought } } end
      signal { title = "sale", data = { sold = o.usd } }
    end
    return R
    """

  @Test("of the signals of one severity at an event, the flow and the test are of the one that was asked for")
  func oneOfTwo() throws {
    let runner = try RuleTestRunner(
      RuleSources(rules: [.init(name: "twice", source: Array(Self.twice.utf8))]), rule: "twice")
    let events = Array(Self.flow(4))
    let whole = try runner.run(FlowShrinker.test(FlowShrinker.plain(events), [:]))
    for (title, count, data) in [("after", 2, "bought: "), ("sale", 1, "sold: ")] {
      let signal = try #require(whole.signals.first { $0.signal.title == title }?.signal)
      let goal = SignalGoal(signal, isExact: false)
      let smallest = try #require(FlowShrinker(runner, goal: goal).shrink(events))
      #expect(smallest.events.count == count, "\(title)")
      let draft = try TestDraft(runner, name: title, events: smallest.events, goal: goal)
      #expect(draft.problem == nil && draft.text.contains("data: { \(data)"), "\(draft.text)")
    }
  }

  @Test("a flow that does not give the signal, or not with that data, has no smallest part")
  func none() throws {
    let runner = try Self.runner()
    #expect(FlowShrinker(runner, goal: Self.goal(.high)).shrink(Self.flow(3)) == nil)
    #expect(FlowShrinker(runner, goal: Self.goal(.high)).shrink([]) == nil)
    let spree = [0, 10, 20, 30].map { Self.flow(60)[$0] }
    #expect(FlowShrinker(runner, goal: Self.goal(.low, data: "{}")).shrink(spree) == nil)
  }
}
