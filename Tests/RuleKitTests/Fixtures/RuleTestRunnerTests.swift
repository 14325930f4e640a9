import COrderFlow
import OrderFlow
import RuleEngine
import RuleKit
import Testing

@Suite struct RuleTestRunnerTests {
  private func sweep(_ inject: String, more: String = "") throws -> TestVerdict {
    let test = try TestFileScene.read(TestFileScene.sweep + "    inject: \(inject)\n\(more)").tests[0]
    return try RuleTestRunner(TestFileScene.shipped(), rule: "sweep").verdict(on: test)
  }

  @Test(
    "a stateful test passes through whatever may happen to a run",
    arguments: [
      "[]", "[{ after: 3, do: restart }]", "[{ after: 5, do: restart }]", "[{ after: 3, do: reload }]",
      "[{ after: 5, do: reload }]", "[{ after: 2, do: duplicate }]", "[{ after: 2, do: reorder }]",
      "[{ after: 2, do: tick 30s }]", "[{ after: 4, do: gap 30s }]",
      "[{ after: 1, do: restart }, { after: 1, do: reload }, { after: 2, do: duplicate }, { after: 5, do: restart }]",
    ])
  func variants(_ inject: String) throws {
    let verdict = try sweep(inject)
    #expect(verdict.isPassed, "\(verdict.differences)")
  }

  @Test("the signals are those of the engine that takes the same orders at once")
  func sameEngine() throws {
    let test = try TestFileScene.read(TestFileScene.sweep).tests[0]
    let sources = try TestFileScene.shipped()
    let result = try RuleTestRunner(sources, rule: "sweep").run(test)
    var options = Engine.Options()
    options.only = "sweep"
    let engine = try Engine(sources, options: options)
    var output = EngineOutput()
    var signals: [Signal] = []
    for event in test.events {
      event.order?.withOrder { order in
        engine.process(UnsafeMutableBufferPointer(start: order, count: 1), into: &output)
        signals += output.signals.map(\.signal)
      }
    }
    #expect(result.signals.map(\.signal.id) == signals.map(\.id) && signals.count == 1)
    #expect(result.signals[0].signal.foldCount == 1 && result.folds == [5])
  }

  @Test("what is injected behind one order happens in the order in which it is listed")
  func listed() throws {
    // A restart loses what is not in `state`: so the clock that comes first is counted, and the other is not.
    let rule = """
      local R = rule { title = "r", timers = { beat = "1m" } }
      local beats = 0
      function R.on_timer() beats = beats + 1 end
      function R.on_order(o) if o.price > cents(50) then signal { title = "beats " .. beats } end end
      return R
      """
    func title(_ inject: String) throws -> String? {
      let test = try TestFileScene.test(
        "+0s alice BUY 1 @0.5 btc.Yes\n+5m alice BUY 1 @0.6 btc.Yes",
        more: "        inject: [\(inject)]\n")
      return try TestFileScene.runner(rule).run(test).signals.first?.signal.title
    }
    let (tick, restart) = ("{ after: 1, do: tick 2m }", "{ after: 1, do: restart }")
    let plain = try title("")
    #expect(try title("\(restart), \(tick)") == plain)
    #expect(try title("\(tick), \(restart)") != plain)
  }

  @Test("an order that is held back arrives late, and is told so to the rule")
  func late() throws {
    let test = try TestFileScene.test(
      """
      +0s   alice BUY 1 @0.5 btc.Yes   #> low
      +10s  alice BUY 2 @0.5 btc.Yes   #> high #~ late
      +12s  alice BUY 3 @0.5 btc.Yes   #> low
      """, more: "        inject: [{ after: 2, do: late 5s }]\n")
    let runner = try TestFileScene.runner(
      """
      local R = rule { title = "r", severity = "low" }
      function R.on_order(o) signal { title = "x", severity = o.late and "high" or nil } end
      return R
      """)
    let verdict = runner.verdict(on: test)
    #expect(verdict.isPassed, "\(verdict.differences)")
    #expect(verdict.result?.signals.map(\.event) == [0, 2, 1])
  }

  @Test("ticks and gaps of a table are events of their own, with marks")
  func ticks() throws {
    let test = try TestFileScene.test(
      """
      +0s   alice BUY 1 @0.5 btc.Yes
      +90s  tick                       #> medium
      +95s  gap 30s                    #> low
      """, more: "        expect: [{ at: +90s, title: tock }, { at: +95s, title: lost 30000 }]\n")
    let runner = try TestFileScene.runner(
      """
      local R = rule { title = "r", timers = { tock = "1m" } }
      function R.on_timer(name) signal { title = name } end
      function R.on_gap(g) signal { title = ("lost %d"):format(g.to - g.from), severity = "low" } end
      return R
      """)
    let verdict = runner.verdict(on: test)
    #expect(verdict.isPassed, "\(verdict.differences)")
  }

  @Test("parameters and the watch list of a test are those that the rule sees, and a reload can change them")
  func settings() throws {
    let runner = try TestFileScene.runner(
      """
      local R = rule { title = "r", params = { least = param.int(1) } }
      function R.on_order(o) signal { title = ("%s %d"):format(o.label, R.params.least) } end
      return R
      """)
    let test = try TestFileScene.test(
      "+0s alice BUY 1 @0.5 btc.Yes #> medium\n+1s bob BUY 1 @0.5 btc.Yes #> medium",
      more: """
                params: { least: 7 }
                tables: { wallets: { alice: insider } }
                inject: [{ after: 1, do: reload, params: { least: 8 } }]
                expect: [{ at: 1, title: insider 7 }, { at: 2, title: nil 8 }]

        """)
    #expect(runner.verdict(on: test).isPassed, "\(runner.verdict(on: test).differences)")
  }

  @Test("rules that hear others are tested with them, and only they are judged")
  func listening() throws {
    let runner = try TestFileScene.runner(
      """
      local R = rule { title = "r", listens = { "other" } }
      function R.on_signal(s) signal { title = "heard " .. s.title, severity = "low" } end
      return R
      """,
      [
        "other":
          "local R = rule { title = 'o' }\nfunction R.on_order(o) signal { title = 'one' } end\nreturn R"
      ])
    let test = try TestFileScene.test(
      "+0s alice BUY 1 @0.5 btc.Yes #> low", more: "        expect: [{ at: 1, title: heard one }]\n")
    #expect(runner.verdict(on: test).isPassed, "\(runner.verdict(on: test).differences)")
  }

  @Test("what a state cannot hold is said at the restart that would lose it")
  func restart() throws {
    let runner = try TestFileScene.runner(
      "local R = rule { title = 'r' }\nfunction R.on_order(o) state.f = print end\nreturn R")
    let test = try TestFileScene.test(
      "+0s alice BUY 1 @0.5 btc.Yes", more: "        inject: [{ after: 1, do: restart }]\n")
    let verdict = runner.verdict(on: test)
    #expect(
      verdict.differences.count == 1 && verdict.differences[0].message.contains("state.f"), "\(verdict)")
  }
}
