import COrderFlow
import OrderFlow
import Testing

@testable import RuleEngine

/// An engine that is given orders and gaps by hand, and what it said.
private struct GapRun {
  let engine: Engine
  var signals: [Signal] = []
  var failures: [RuleFailure] = []
  var isNews: [Bool] = []

  init(_ test: TestEngine) throws { engine = try Engine(test.sources, options: test.options) }

  init(_ rule: String) throws { try self.init(TestEngine(rule)) }

  mutating func orders(_ times: [Int64], batch: Int = 64, _ change: (inout TestOrder) -> Void = { _ in }) {
    var output = EngineOutput()
    for start in stride(from: 0, to: times.count, by: batch) {
      let part = times[start..<min(start + batch, times.count)].map { time in
        TestOrder(time) { order in
          order.transaction = "0x\(time)"
          change(&order)
        }
      }
      let laid = OrderBatch(part[...])
      engine.process(UnsafeMutableBufferPointer(rebasing: laid.orders[..<part.count]), into: &output)
      take(output)
    }
  }

  mutating func gap(_ from: Int64, _ to: Int64, filled: Bool = false, of source: String = "venue") {
    var output = EngineOutput()
    isNews.append(engine.gap(source: source, from: from, to: to, backfilled: filled, into: &output))
    take(output)
  }

  mutating func tick(_ time: Int64) {
    var output = EngineOutput()
    _ = engine.tick(time, into: &output)
    take(output)
  }

  private mutating func take(_ output: EngineOutput) {
    signals += output.signals.map(\.signal)
    failures += output.failures
  }

  var titles: [String] { signals.map(\.title) }
}

@Suite("Gaps as events")
struct GapTests {
  private static let telling = """
    local R = rule { title = 'g' }
    function R.on_gap(g, w)
      signal { title = g.source .. ' ' .. g.from .. ' ' .. g.to .. ' ' .. tostring(g.backfilled) .. ' at ' .. now() }
    end
    return R
    """

  @Test("a rule is told of a gap with its feed, its ends and whether it is filled, at the clock's time")
  func told() throws {
    var run = try GapRun(Self.telling)
    run.orders([5_000, 10_000])
    run.gap(10_000, 10_000)
    run.gap(10_000, 40_000)
    run.orders([41_000])
    run.gap(10_000, 40_000, filled: true)
    #expect(
      run.titles == [
        "venue 10000 10000 false at 10000", "venue 10000 40000 false at 10000",
        "venue 10000 40000 true at 41000",
      ])
    #expect(run.signals.map(\.seq) == [3, 4, 6])
    #expect(run.signals.map(\.time) == [10_000, 10_000, 41_000])
    #expect(run.signals.allSatisfy { !$0.hasOrder && $0.user == nil && $0.evidence.isEmpty })
    #expect(Set(run.signals.map(\.id)).count == 3)
    #expect(run.engine.clock == 41_000 && run.engine.orders == 3)
  }

  @Test("a report that says nothing new is no event")
  func nothingNew() throws {
    var run = try GapRun(Self.telling)
    run.orders([10_000])
    run.gap(10_000, 10_000)
    run.gap(10_000, 10_000)
    run.gap(10_000, 20_000)
    run.gap(10_000, 15_000)
    #expect(run.isNews == [true, false, true, false])
    #expect(run.signals.count == 2)
    #expect(run.engine.lastSequence == 3)
  }

  @Test("rules are called in their order, and those without the hook are not")
  func order() throws {
    let hook = "function R.on_gap(g) signal { title = 'NAME' } end"
    func rule(_ name: String, _ hooks: String) -> String {
      "local R = rule { title = 'x' }\n\(hooks.replacing("NAME", with: name))\nreturn R"
    }
    for threads in [1, 3] {
      var test = TestEngine(rules: [
        "b": rule("b", hook), "a": rule("a", hook), "d": rule("d", "function R.on_order(o) end"),
        "c": rule("c", hook + "\nfunction R.on_order(o) end"),
      ])
      test.options.threads = threads
      var run = try GapRun(test)
      run.orders([1_000])
      run.gap(1_000, 2_000)
      #expect(run.titles == ["a", "b", "c"])
      #expect(run.engine.totals.map(\.calls) == [1, 1, 2, 1])
    }
  }

  @Test("a gap moves no clock: nothing is due, and windows hold what they held")
  func clock() throws {
    var run = try GapRun(
      """
      local R = rule { title = 'g', timers = { t = '10s' },
        windows = { w = window.sliding { by = {'user'}, span = '30s', agg = { n = count() } },
                    c = window.tumbling { by = {'user'}, span = '5s', agg = { n = count() } } } }
      function R.on_timer() signal { title = 'timer' } end
      function R.on_close() signal { title = 'close' } end
      function R.on_gap(g, w)
        signal { title = 'n ' .. group('w', '0xa').n .. ' ' .. tostring(w.w) }
      end
      return R
      """)
    run.orders([1_000, 2_000])
    run.gap(2_000, 900_000)
    #expect(run.titles == ["n 2 nil"])
    run.orders([3_000])
    run.gap(2_000, 900_000, filled: true)
    #expect(run.titles == ["n 2 nil", "n 3 nil"])
  }

  @Test(
    "a gap is read-only, and a name it has not is an error with a suggestion",
    arguments: [
      ("local x = g.form", "a gap has no field 'form' (did you mean 'from'?)"),
      ("local x = g[1]", "a gap has no field 'number'"), ("g.from = 1", "a gap is read-only"),
      ("setmetatable(g, {})", ""), ("w.x = 1", "a group is read-only"),
      ("local x = o.user", "'o' does not exist"),
    ])
  func misuse(_ line: String, _ message: String) throws {
    var run = try GapRun(
      "local R = rule { title = 'g' }\nfunction R.on_gap(g, w) \(line) end\nreturn R")
    run.orders([1_000])
    run.gap(1_000, 2_000)
    #expect(run.failures.count == 1)
    #expect(run.failures.first?.hook == "on_gap" && run.failures.first?.seq == 2)
    #expect(run.failures.first?.message.contains(message) == true, "\(run.failures)")
  }

  @Test("an error drops the signals of its call alone; the fifth quarantines the rule, and the others go on")
  func errors() throws {
    var run = try GapRun(
      TestEngine(rules: [
        "bad": "local R = rule { title = 'x' }\n"
          + "function R.on_gap(g) signal { title = 'bad' } error('oh') end\nreturn R",
        "good": Self.telling,
      ]))
    run.orders([1_000])
    for place in 1...7 { run.gap(Int64(place) * 1_000, Int64(place) * 1_000 + 500) }
    #expect(run.failures.count == 5)
    #expect(run.signals.filter { $0.rule == "good" }.count == 7)
    #expect(run.signals.filter { $0.rule == "bad" }.isEmpty)
    let quarantine = run.signals.filter { $0.rule == "betterbot/quarantine" }
    #expect(quarantine.map(\.seq) == [6])
  }

  @Test("a call that was killed is repeated as a kill")
  func kills() throws {
    var test = TestEngine(Self.telling)
    test.options.kills = [Kill(rule: "rule", hook: "on_gap", seq: 3)]
    var run = try GapRun(test)
    run.orders([1_000])
    run.gap(1_000, 2_000)
    run.gap(3_000, 4_000)
    run.gap(5_000, 6_000)
    #expect(run.signals.map(\.seq) == [2, 4])
    #expect(run.failures.map(\.kind) == ["killed"])
  }

  @Test("a call that does not end is stopped by its budget")
  func endless() throws {
    var run = try GapRun(
      "local R = rule { title = 'g' }\nfunction R.on_gap(g) while true do end end\nreturn R")
    run.orders([1_000])
    run.gap(1_000, 2_000)
    #expect(run.failures.map(\.kind) == ["killed"])
  }

  // MARK: data_gap

  private static func spanning(_ window: String) -> String {
    """
    local R = rule { title = 'w', windows = { w = \(window) } }
    function R.on_order(o) signal { title = 'o' .. o.t } end
    function R.on_gap(g) signal { title = g.backfilled and 'filled' or 'open' } end
    return R
    """
  }

  private func marked(_ run: GapRun) -> [String] {
    run.signals.filter(\.dataGap).map(\.title)
  }

  @Test("a signal says data_gap exactly while its window reaches over an open gap")
  func sliding() throws {
    var run = try GapRun(
      Self.spanning("window.sliding { by = {'user'}, span = '10s', agg = { n = count() } }"))
    run.orders([10_000])
    run.gap(10_000, 10_000)
    // Nobody knows how far it reaches.
    run.orders([99_000])
    run.gap(10_000, 100_000)
    run.orders([100_000, 109_999, 110_000, 110_001])
    #expect(marked(run) == ["open", "o99000", "open", "o100000", "o109999"])
    run.gap(105_000, 108_000)
    run.orders([112_000])
    run.gap(105_000, 108_000, filled: true)
    run.orders([113_000])
    #expect(Array(marked(run).dropFirst(5)) == ["open", "o112000"])
    #expect(run.titles.suffix(2) == ["filled", "o113000"])
  }

  @Test("a rule without windows never says it")
  func withoutWindows() throws {
    var run = try GapRun(
      "local R = rule { title = 'w' }\nfunction R.on_order(o) signal { title = 'o' } end\nreturn R")
    run.orders([10_000])
    run.gap(10_000, 10_000)
    run.orders([11_000])
    #expect(run.signals.count == 2 && marked(run) == [])
  }

  @Test("a timer and a closing window look back from their own time, not from the order that let them run")
  func dueTimes() throws {
    var run = try GapRun(
      """
      local R = rule { title = 'w', timers = { t = '20s' },
        windows = { w = window.tumbling { by = {'user'}, span = '10s', agg = { n = count() } } } }
      function R.on_timer(name, at) signal { title = 't' .. at } end
      function R.on_close(name, key, g) signal { title = 'c' .. now() } end
      return R
      """)
    run.orders([12_000])
    run.gap(12_000, 19_000)
    run.orders([95_000])
    #expect(run.titles == ["c20000", "t20000", "t40000", "t60000", "t80000"])
    #expect(marked(run) == ["c20000", "t20000"])
  }

  @Test("a session reaches back as long as it can be")
  func session() throws {
    var run = try GapRun(
      Self.spanning("window.session { by = {'user'}, gap = '10s', span = '1m', agg = { n = count() } }"))
    run.orders([10_000])
    run.gap(10_000, 12_000)
    run.orders([81_999, 82_000])
    #expect(marked(run) == ["open", "o81999"])
  }

  // MARK: The same again

  @Test("batches of any size, and any number of threads, say the same", arguments: [1, 2, 7, 64])
  func batches(_ batch: Int) throws {
    let window = "window.sliding { by = {'user'}, span = '20s', agg = { n = count() } }"
    func run(_ batch: Int, _ threads: Int) throws -> [Signal] {
      var test = TestEngine(rules: ["a": Self.spanning(window), "b": Self.telling])
      test.options.threads = threads
      var run = try GapRun(test)
      for place in 0..<6 {
        let base = Int64(place) * 30_000 + 1_000
        run.orders((0..<9).map { base + $0 * 1_000 }, batch: batch)
        run.gap(base + 8_000, base + (place % 2 == 0 ? 8_000 : 12_000))
        run.orders((12..<16).map { base + $0 * 1_000 }, batch: batch)
        if place % 3 != 1 { run.gap(base + 8_000, base + 12_000, filled: true) }
      }
      return run.signals
    }
    let expected = try run(16, 1)
    #expect(expected.contains(where: \.dataGap) && expected.contains { !$0.dataGap })
    #expect(try run(batch, 1) == expected)
    #expect(try run(batch, 2) == expected)
  }

  @Test("what a rule has seen before is silent when it is restored, and the gaps are known again")
  func restored() throws {
    let rule = Self.spanning("window.sliding { by = {'user'}, span = '10s', agg = { n = count() } }")
    var whole = try GapRun(rule)
    whole.orders([1_000])
    whole.gap(1_000, 1_000)
    whole.gap(500, 600, of: "other")
    whole.gap(500, 600, filled: true, of: "other")
    whole.orders([20_000])
    let before = whole.signals.count
    let states = try whole.engine.savedStates().map { (rule: $0.rule, saved: try $0.saved.get()) }
    whole.orders([21_000])
    whole.gap(1_000, 1_000, filled: true)
    whole.orders([22_000])
    let after = Array(whole.signals[before...])
    #expect(after.map(\.dataGap) == [true, false, false])

    // From the journal's beginning, and from behind the gap.
    for base in [0, 4] as [Int64] {
      var again = try GapRun(rule)
      _ = try again.engine.begin(
        after: base, clock: base == 0 ? nil : 1_000,
        states: Dictionary(uniqueKeysWithValues: states.map { ($0.rule, $0.saved) }), end: 5)
      if base == 0 {
        let first = OrderBatch([TestOrder(1_000) { $0.transaction = "0x1000" }][...])
        first.orders[0].seq = 1
        again.engine.restore(UnsafeMutableBufferPointer(rebasing: first.orders[..<1]))
        again.engine.restore(gap: 2, source: "venue", from: 1_000, to: 1_000, backfilled: false)
        again.engine.restore(gap: 3, source: "other", from: 500, to: 600, backfilled: false)
        again.engine.restore(gap: 4, source: "other", from: 500, to: 600, backfilled: true)
      } else {
        again.engine.recall(gapOf: "venue", from: 1_000, to: 1_000, backfilled: false)
      }
      let last = OrderBatch([TestOrder(20_000) { $0.transaction = "0x20000" }][...])
      last.orders[0].seq = 5
      again.engine.restore(UnsafeMutableBufferPointer(rebasing: last.orders[..<1]))
      again.engine.endRestoring(at: 5)
      again.orders([21_000])
      again.gap(1_000, 1_000, filled: true)
      again.orders([22_000])
      #expect(again.signals == after)
      #expect(again.engine.lastSequence == whole.engine.lastSequence)
    }
  }
}
