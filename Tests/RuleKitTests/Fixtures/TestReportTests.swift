import Documents
import RuleKit
import Testing

@Suite struct TestReportTests {
  private func report() throws -> TestReport {
    let runner = try TestFileScene.runner(
      "local R = rule { title = 'r' }\nfunction R.on_order(o) if o.usd > usd(1) then signal { title = 'a < b & c' } end end\nreturn R"
    )
    var verdicts: [TestVerdict] = []
    for (name, orders) in [
      ("fine", "+0s alice BUY 1 @0.5 btc.Yes"), ("bad #1 \\ \"x\"", "+0s alice BUY 9 @0.5 btc.Yes"),
      ("known", "+0s alice BUY 1 @0.5 btc.Yes #todo> high"),
    ] {
      var test = try TestFileScene.test(orders)
      test.name = name
      verdicts.append(runner.verdict(on: test))
    }
    return TestReport(files: [
      .init(path: "rules/r.test.yaml", rule: "r", verdicts: verdicts, seconds: 0.25),
      .init(
        path: "rules/q.test.yaml", rule: "q", verdicts: [], seconds: 0,
        problem: "rules/q.test.yaml:3: no <good>"),
    ])
  }

  @Test("people get a line a rule, what differs under it, and a count")
  func human() throws {
    let report = try report()
    #expect(
      report.lines() == [
        "✘ r 1 of 3 tests failed", "  ✘ bad #1 \\ \"x\" (rules/sweep.test.yaml:6)",
        "      line 8, order 1: +0s alice BUY 9 @0.5 btc.Yes",
        "        due nothing, got medium \"a < b & c\"",
        "          r.lua:2: o.usd 4,500,000 ($4.50) > usd(1) 1,000,000 ($1.00) → true",
        "  ~ known (rules/sweep.test.yaml:6)", "      line 8, order 1: +0s alice BUY 1 @0.5 btc.Yes",
        "        a known miss: due high, got nothing", "✘ rules/q.test.yaml:3: no <good>",
      ])
    #expect(report.summary == "2 passed, 1 failed, 1 known miss, 1 not run" && !report.isPassed)
    #expect(report.lines(.terminal)[0] == "\u{1B}[31m✘\u{1B}[0m r \u{1B}[2m1 of 3 tests failed\u{1B}[0m")
  }

  @Test("TAP has a line a test")
  func tap() throws {
    let lines = try report().tap
    #expect(lines[..<3] == ["TAP version 14", "1..4", "ok 1 - r: fine"])
    #expect(lines[3] == "not ok 2 - r: bad \\#1 \\\\ \"x\"")
    #expect(lines.filter { !$0.hasPrefix("#") }.last == "not ok 4 - rules/q.test.yaml:3: no <good>")
  }

  @Test("JUnit is XML whatever is in a name or a title")
  func junit() throws {
    let xml = try report().junit
    #expect(
      xml.hasPrefix(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"3\" failures=\"1\" errors=\"1\""))
    #expect(xml.contains("<testcase classname=\"r\" name=\"fine\"/>"))
    #expect(
      xml.contains(
        "name=\"bad #1 \\ &quot;x&quot;\"><failure message=\"due nothing, got medium &quot;a &lt; b &amp; c&quot;\">"
      ))
    #expect(xml.contains("<error message=\"rules/q.test.yaml:3: no &lt;good&gt;\"/>"))
  }

  @Test("JSON has every difference with its order, line and reasons")
  func json() throws {
    let value = try #require(JSONValue(try report().json(coverage: Array("[]".utf8))))
    #expect(value["passed"] == .number("2") && value["coverage"] == .array([]))
    let test = value["files"]?.elements?[0]["tests"]?.elements?[1]
    let difference = test?["differences"]?.elements?[0]
    #expect(difference?["order"] == .number("1") && difference?["line"] == .number("8"))
    #expect(difference?["reasons"]?.elements?.count == 1)
    #expect(value["files"]?.elements?[1]["problem"]?.text == "rules/q.test.yaml:3: no <good>")
  }

  @Test("every text of a rule, a test or a recording is cleaned for a terminal, the colours are not")
  func clean() throws {
    let lines = try report().lines(.terminal) { $0.map { $0 == " " ? "_" : String($0) }.joined() }
    #expect(lines[1].contains("bad_#1_") && lines[1].hasPrefix("  \u{1B}[31m✘"))
    #expect(lines[2] == "      line_8,_order_1:_+0s_alice_BUY_9_@0.5_btc.Yes")
    #expect(lines[3] == "        due_nothing,_got_medium_\"a_<_b_&_c\"")
    #expect(lines[4].contains("r.lua:2:_o.usd_"))
    #expect(lines.last?.hasSuffix("rules/q.test.yaml:3:_no_<good>") ?? false)
  }
}
