import Documents
import RuleEngine
import Testing

@testable import RuleKit

@Suite("What the tests of a rule cover")
struct CoverageRunnerTests {
  private static let rule = """
    local R = rule {
      title = "r", params = { min_usd = param.usd(100), many = param.int(2) },
      windows = { buys = window.sliding { by = { "user" }, span = "10m", where = { side = "BUY" }, agg = { n = count(), usd = sum "usd" } } },
      where = { ["buys.usd"] = at_least "min_usd" },
    }
    function R.on_order(o, w)
      local b = w.buys
      if b.n < R.params.many then
        state.small = (state.small or 0) + 1
        return
      end
      signal { title = "many", severity = b.n > 3 and "high" or nil }
    end
    return R
    """

  private static let tests = """
    rule: r
    wallets: { alice: "0xa11ce00000000000000000000000000000000c3e", bob: "0xb0b" }
    markets: { btc: { slug: btc-150k-dec, Yes: "8031", No: "7120" } }
    tests:
      - name: one is too few
        orders: |
          +0s  alice BUY 1000 @0.50 btc.Yes
      - name: two fire
        orders: |
          +0s  alice BUY 1000 @0.50 btc.Yes
          +1s  alice BUY 1000 @0.50 btc.Yes   #> medium
      - name: two fire over a restart
        base: two fire
        inject: [{ after: 1, do: restart }]
      - name: one is enough when the rule is loaded so
        orders: |
          +0s  alice BUY   200 @0.50 btc.Yes
          +1s  alice SELL 1000 @0.50 btc.Yes
          +2s  bob   BUY   100 @0.50 btc.Yes
          +3s  bob   BUY  1000 @0.50 btc.Yes  #> medium
          +4s  bob   BUY  1000 @0.50 btc.Yes  #> medium
          +5s  bob   BUY  1000 @0.50 btc.Yes  #> high
        inject: [{ after: 1, do: reload, params: { many: 1 } }]
    """

  private let runner: RuleTestRunner
  private let tests: [RuleTest]

  init() throws {
    let file = RuleSources.File(name: "r", source: Array(Self.rule.utf8))
    runner = try RuleTestRunner(RuleSources(rules: [file]), rule: "r")
    tests = try RuleTestFile.read(Self.tests, path: "r.test.yaml") { _ in [] }.tests
  }

  private func cover(_ tests: RuleTest...) throws -> RuleCoverage {
    try #require(runner.coverage(of: tests, file: "r.lua"))
  }

  @Test("each test has its own coverage, and together they have what is left")
  func together() throws {
    for test in tests { #expect(runner.passes(test), "\(test.name)") }
    let each = try tests.map { try cover($0) }
    #expect(
      each[0].gaps.map(\.description) == [
        "r.lua:3: the condition 'side = \"BUY\"' of window 'buys' was never false",
        "r.lua:4: the condition 'buys.usd = at_least \"min_usd\"' of 'where' was never false",
        "r.lua:8: the condition 'b.n < R.params.many' was never false",
        "r.lua:9: the operand 'state.small' was never true",
        "r.lua:12: this line never ran",
      ])
    #expect(each.map { $0.covers(line: 12) } == [false, true, true, true])
    #expect(each.allSatisfy { $0.covers(line: 9) && $0.covers(line: 4) })
    #expect(
      CoverageReport(each).text == """
        r: lines 5 of 5 (100 %), branches 2 of 2 (100 %), operands 7 of 8 (87 %)
        r.lua:9: the operand 'state.small' was never true
        Functions are counted; the top of a file runs when the rule loads.

        """)
    let once = try #require(runner.coverage(of: tests, file: "r.lua"))
    #expect(CoverageReport([once]).json == CoverageReport(each).json)
  }

  @Test("what runs before a restart and behind it counts, and nothing twice")
  func restart() throws {
    let plain = try cover(tests[1])
    let restarted = try cover(tests[2])
    #expect(restarted.lines == plain.lines && restarted.gaps == plain.gaps)
    #expect(restarted.conditions == plain.conditions)
    #expect(plain.lines == [7: 2, 8: 2, 9: 1, 10: 1, 12: 1])
    var test = tests[1]
    test.injections = [TestInjection(.duplicate, after: 1)]
    #expect(try cover(test).lines == plain.lines)
  }

  @Test("a test that cannot be run to its end covers nothing")
  func refused() throws {
    var test = tests[1]
    test.parameters["many"] = "several"
    #expect(try cover(test).totals.all.covered == 0)
    test = tests[1]
    test.injections = [TestInjection(.reload(["many": "several"]), after: 1)]
    #expect(!runner.passes(test))
    #expect(try cover(test).totals.all.covered == 0)
  }
}
