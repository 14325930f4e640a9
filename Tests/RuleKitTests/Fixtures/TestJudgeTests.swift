import RuleKit
import Testing

@Suite struct TestJudgeTests {
  private static let big = """
    local R = rule { title = "r", params = { least = param.usd(100) }, dedup = { by = { "user" }, hold = "1m" },
      where = { usd_floor = at_least "least" } }
    function R.on_order(o)
      if o.side == "SELL" then return end
      signal { title = "big", data = { usd = o.usd, half = o.usd / 2, none = {}, inner = { list = { 1, 2 } } } }
    end
    return R
    """

  private func lines(_ orders: String, _ more: String = "", rule: String = big) throws -> [String] {
    let verdict = try TestFileScene.runner(rule).verdict(on: TestFileScene.test(orders, more: more))
    return TestReport(files: [.init(path: "r", rule: "r", verdicts: [verdict], seconds: 0)]).lines()
  }

  @Test("a failure is the order, what is due, what came, the line that decided and by how much")
  func missing() throws {
    #expect(
      try lines("+0s alice BUY 180 @0.5 btc.Yes #> high\n+1s alice SELL 400 @0.5 btc.Yes #> medium") == [
        "✘ r 1 of 1 test failed", "  ✘ a test (rules/sweep.test.yaml:6)",
        "      line 8, order 1: +0s alice BUY 180 @0.5 btc.Yes", "        due high, got nothing",
        "          stopped by r.lua:2: usd_floor 90,000,000 ($90.00) >= 100,000,000 ($100.00): $10.00 short (90 %)",
        "      line 9, order 2: +1s alice SELL 400 @0.5 btc.Yes", "        due medium, got nothing",
        "          stopped by r.lua:4: o.side \"SELL\" == \"SELL\": it is \"SELL\"",
      ])
  }

  @Test(
    "an order that a window left out is told by which of its conditions, for a where and for a hook",
    arguments: ["where = { [\"w.n\"] = at_least(1) } }", "}"])
  func leftOut(_ header: String) throws {
    let rule = """
      local R = rule { title = "r", windows = { w = window.sliding { by = { "user" }, span = "1m",
        where = { side = "BUY", role = "taker" }, agg = { n = count() } } }, \(header)
      function R.on_order(o, w) local b = w.w
        if not b then return end
        signal { title = "taken" }
      end
      return R
      """
    let found = try lines("+0s alice BUY 200 @0.5 btc.Yes #> medium", rule: rule)
    #expect(found.count == 6, "\(found)")
    #expect(found.last == "          left out of window w by r.lua:2: role nil == \"taker\"", "\(found)")
    #expect(try lines("+0s alice BUY 200 @0.5 btc.Yes role=taker #> medium", rule: rule).count == 1)
  }

  @Test("a signal that is not due is shown with the conditions that let it through")
  func unexpected() throws {
    #expect(
      try lines("+0s alice BUY 200 @0.5 btc.Yes") == [
        "✘ r 1 of 1 test failed", "  ✘ a test (rules/sweep.test.yaml:6)",
        "      line 8, order 1: +0s alice BUY 200 @0.5 btc.Yes", "        due nothing, got medium \"big\"",
        "          let through by r.lua:2: usd_floor 100,000,000 ($100.00) >= 100,000,000 ($100.00)",
        "          r.lua:4: o.side \"BUY\" == \"SELL\" → false",
      ])
  }

  @Test(
    "a field that differs is named with its path",
    arguments: [
      ("data: { usd: $101 }", "data.usd: due $101, got $100.00"),
      ("data: { half: $50, none: [] }", nil), ("data: { none: {} }", nil),
      ("data: { half: $50.01 }", "data.half: due $50.01, got 50000000.0"),
      ("data: { none: [1] }", "data.none: due [1], got {  }"),
      ("data: { usd: 100000000 }", nil), ("data: { inner: { list: [1, 2] } }", nil),
      ("data: { inner: { list: [1, 3] } }", "data.inner.list[2]: due 3, got 2"),
      ("data: { usdd: 1 }", "data.usdd: due 1, got nothing (did you mean 'usd'?)"),
      ("title: small", "title: due small, got big"), ("severity: high", "severity: due high, got medium"),
      ("user: alice", nil), ("token: btc.Yes", nil), ("market: btc", nil),
      ("side: SELL", "side: due SELL, got BUY"),
      ("evidence: [1]", nil), ("evidence: [2]", "evidence[1]: due 2, got 1"), ("late: false", nil),
      ("fold_count: 1", "fold_count: due 1, got 0"), ("confidence: null", nil),
    ] as [(String, String?)])
  func fields(_ field: String, _ difference: String?) throws {
    let found = try lines(
      "+0s alice BUY 200 @0.5 btc.Yes #> medium", "        expect: [{ at: 1, \(field) }]\n")
    #expect(found.count == (difference == nil ? 1 : 4), "\(found)")
    if let difference { #expect(found.last == "        \(difference)") }
  }

  @Test("an expectation that no mark of its order stands for is a failure, and not left out")
  func tooMany() throws {
    let found = try lines(
      "+0s alice BUY 200 @0.5 btc.Yes #> medium",
      "        expect: [{ at: 1 }, { at: 1, data: { usd: $7 } }]\n")
    #expect(
      found.last?.hasSuffix("expect has more entries here than marks (1): add a mark") ?? false, "\(found)")
    let known = try lines(
      "+0s alice BUY 1 @0.5 btc.Yes #todo> medium", "        expect: [{ at: 1, data: { usd: $7 } }]\n")
    #expect(known.first == "✔ r 1 test", "\(known)")
  }

  @Test("a signal on what is injected is due in a golden alone")
  func injected() throws {
    let rule =
      "local R = rule { title = 'r', timers = { t = '1m' } }\n"
      + "function R.on_timer(name) signal { title = name } end\nreturn R"
    var test = try TestFileScene.test(
      "+0s alice BUY 1 @0.5 btc.Yes", more: "        inject: [{ after: 1, do: tick 1m }]\n")
    let runner = try TestFileScene.runner(rule)
    let verdict = runner.verdict(on: test)
    #expect(verdict.differences.map(\.message) == ["due nothing, got medium \"t\" on what was injected"])
    test.isTable = false
    test.golden = "a"
    #expect(runner.passes(test))
    #expect(Golden(test, try runner.run(test)).signals.map(\.key) == ["2026-03-01 12:01:00"])
  }

  @Test("marks of folding and severity are held against what came")
  func marks() throws {
    let found = try lines(
      """
      +0s  alice BUY 200 @0.5 btc.Yes  #> high
      +1s  alice BUY 200 @0.5 btc.Yes
      +2s  alice BUY 1   @0.5 btc.Yes  #= folded
      +3s  alice BUY 1   @0.5 btc.Yes  #~ late
      """)
    #expect(
      found.filter { $0.hasPrefix("        ") && !$0.hasPrefix("          ") } == [
        "        due high, got medium \"big\"",
        "        due nothing, got a repeat that is folded: mark it with #= folded",
        "        due a repeat that is folded, got nothing",
        "        due late, but it is not older than the watermark when it arrives",
      ])
  }

  @Test("a known miss is reported and no failure, and so is one that is missed no more")
  func known() throws {
    let found = try lines(
      "+0s alice BUY 1 @0.5 btc.Yes #todo> high\n+1s alice BUY 200 @0.5 btc.Yes #todo> medium")
    #expect(
      found == [
        "✔ r 1 test", "  ~ a test (rules/sweep.test.yaml:6)",
        "      line 8, order 1: +0s alice BUY 1 @0.5 btc.Yes",
        "        a known miss: due high, got nothing",
        "      line 9, order 2: +1s alice BUY 200 @0.5 btc.Yes",
        "        a known miss that is missed no more: write #> medium",
      ])
  }

  @Test("an error of the rule is a failure, whatever is due")
  func failing() throws {
    let found = try lines(
      "+0s alice BUY 1 @0.5 btc.Yes",
      rule: "local R = rule { title = 'r' }\nfunction R.on_order(o) error('oh') end\nreturn R")
    #expect(found.last?.contains("the rule failed in on_order: r.lua:2: oh") ?? false, "\(found)")
  }

  @Test("without marks the expectations say where signals are due, and everything else must be quiet")
  func listed() throws {
    let raw = """
      {"token_id":"8031","side":"BUY","shares":200000000,"price":0.5,"tx_hash":"0x01","timestamp":1772366400,"user":"0x1"}
      {"token_id":"8031","side":"BUY","shares":200000000,"price":0.5,"tx_hash":"0x02","timestamp":1772366401,"user":"0x2"}
      """
    #expect(try lines(raw, "        expect: [{ at: 1 }, { at: 2, severity: medium }]\n") == ["✔ r 1 test"])
    #expect(
      try lines(raw, "        expect: [{ at: 1 }]\n").contains("        due nothing, got medium \"big\""))
  }
}
