import OrderFlow
import RuleEngine
import RuleKit
import Testing

@testable import Pipeline

/// What an engine counts of rules with probes.
@Suite("Counted runs of rules") struct CountedRunTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  /// An engine that counts, and a coverage to put its counts into.
  private static func engine(_ text: String) throws -> (Engine, RuleCoverage) {
    let source = Array(text.utf8)
    let rule = try InstrumentedRule(source, for: .coverage)
    var options = Engine.Options()
    options.instrumented = ["r": rule.source]
    let engine = try Engine(
      RuleSources(rules: [RuleSources.File(name: "r", source: source)]), options: options)
    return (engine, RuleCoverage(rule, rule: "r", file: "r.lua"))
  }

  private func run(_ engine: Engine, _ flow: [Line]) throws {
    var options = Replay.Options()
    options.inputs = [try workspace.write(flow.text, to: "flow.jsonl")]
    _ = try Replay(options, engine: engine, journal: nil).run()
  }

  @Test("conditions of the header are counted for every order, whatever the others say")
  func header() throws {
    var (engine, coverage) = try Self.engine(
      """
      local R = rule {
        title = "r",
        params = { min_usd = param.usd(400) },
        windows = {
          buys = window.sliding {
            by = { "user" }, span = "10m",
            where = { side = "BUY", usd_floor = at_least "min_usd" },
            agg = { n = count() },
          },
        },
        sequences = { two = sequence { by = { "user" }, within = "30s",
          step "buy" { side = "BUY" }, step "more" { side = "BUY", price = at_least(usd(0.9)) } } },
        where = { ["buys.n"] = at_least(2), late = false },
      }
      function R.on_order(o, w)
        if w.buys.n > 2 then signal { title = "three" } end
      end
      function R.on_sequence() end
      return R
      """)
    try run(engine, Line.flow(3) { line, number in line.shares = number == 0 ? 1 : 1000 })
    coverage.add(try #require(engine.takeCounts(of: "r")))
    #expect(
      coverage.gaps.map(\.description) == [
        "r.lua:7: the condition 'side = \"BUY\"' of window 'buys' was never false",
        "r.lua:12: the condition 'side = \"BUY\"' of 'buy' of sequence 'two' was never false",
        "r.lua:12: the condition 'side = \"BUY\"' of 'more' of sequence 'two' was never false",
        "r.lua:12: the condition 'price = at_least(usd(0.9))' of 'more' of sequence 'two' was never true",
        "r.lua:13: the condition 'late = false' of 'where' was never false",
        "r.lua:16: the condition 'w.buys.n > 2' was never true",
        "r.lua:18: the function 'R.on_sequence' was never called",
      ])
    try run(
      engine, [Line(shares: 2000, second: 5, transaction: "0xf1"), Line(side: "SELL", second: 6)])
    coverage.add(try #require(engine.takeCounts(of: "r")))
    #expect(
      coverage.gaps.map(\.line) == [12, 13, 18], "\(coverage.gaps.map(\.description).joined(separator: "\n"))"
    )
    let nothing = try #require(engine.takeCounts(of: "r"))
    #expect(nothing.probes.allSatisfy { $0 == .init() })
    #expect(nothing.conditions.allSatisfy { $0.count == .init() })
    #expect(engine.takeCounts(of: "other") == nil)
  }

  @Test("a call is counted to its end, however long it is")
  func long() throws {
    var (engine, coverage) = try Self.engine(
      """
      local R = rule { title = "r" }
      function R.on_order(o)
        local n = 0
        for i = 1, 50000 do
          n = n + (i % 2 == 0 and 1 or 0)
        end
        state.n = n
      end
      return R
      """)
    try run(engine, Line.flow(2))
    coverage.add(try #require(engine.takeCounts(of: "r")))
    #expect(coverage.lines == [3: 2, 4: 2, 5: 100_000, 7: 2])
    #expect(coverage.gaps.isEmpty && coverage.totals.percentage == 100)
  }

  @Test("a rule without probes counts nothing, nor does one with those of why")
  func plain() throws {
    let sources = RuleSources(rules: [RuleSources.File(name: "r", source: Array(TestRules.folding.utf8))])
    #expect(try Engine(sources).takeCounts(of: "r") == nil)
    var options = Engine.Options()
    options.instrumented["r"] = try InstrumentedRule(sources.rules[0].source).source
    #expect(try Engine(sources, options: options).takeCounts(of: "r") == nil)
  }

  @Test("a trace and the counts of the same run tell the same")
  func trace() throws {
    let (engine, _) = try Self.engine(
      """
      local R = rule { title = "r" }
      function R.on_order(o)
        for i = 1, 20 do
          if i % 3 == 0 and o.side == "BUY" or i == 7 then state.n = (state.n or 0) + 1 end
        end
      end
      return R
      """)
    #expect(engine.beginTrace(of: "r"))
    try run(engine, Line.flow(4))
    let trace = engine.endTrace(of: "r", at: nil)
    var counts = [RuleCounts.Count](
      repeating: .init(), count: try #require(engine.takeCounts(of: "r")).probes.count)
    #expect(!trace.isTruncated && trace.calls.count == 4)
    for point in trace.calls.flatMap(\.points) {
      counts[point.probe] += .init(seen: 1, truths: point.value.isTrue ? 1 : 0)
    }
    try run(engine, Line.flow(4) { line, number in line.transaction = "0x7\(number)" })
    let counted = try #require(engine.takeCounts(of: "r")).probes
    #expect(counted.map(\.seen) == counts.map(\.seen) && counted.contains { $0.truths > 0 })
  }
}
