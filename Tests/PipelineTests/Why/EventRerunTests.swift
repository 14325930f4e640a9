import Feeds
import Journal
import OrderFlow
import RuleEngine
import RuleKit
import Testing

@testable import Pipeline

/// Events of a journal, run again alone.
@Suite("An event of a journal, run again", .timeLimit(.minutes(4))) struct EventRerunTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  /// Keeps counts in its state and in a variable of its file.
  private static let counting = """
    local R = rule { title = "counting" }
    local last = {}
    function R.on_order(o)
      state.n = (state.n or 0) + 1
      local before = last[o.user]
      last[o.user] = o.seq
      if state.n % 50 ~= 0 then return end
      signal { title = state.n .. " after " .. (before or "nothing") }
    end
    return R
    """

  /// Speaks in every hook but on_order.
  private static let hooks = """
    local R = rule {
      title = "hooks", timers = { sweep = "40s" },
      windows = { b = window.tumbling { by = { "user" }, span = "1m", agg = { n = count(), usd = sum "usd" } } },
      sequences = { two = sequence { by = { "user" }, within = "30s",
        step "buy" { side = "BUY" }, step "sell" { side = "SELL" } } },
    }
    function R.on_timer(name, t) if t % 80000 == 0 then signal { title = name .. " " .. t } end end
    function R.on_close(name, key, g) if g.n > 3 then signal { title = name .. " " .. g.n } end end
    function R.on_sequence(name, m) signal { title = name, hold = "0s" } end
    return R
    """

  private static func flow(_ count: Int) -> String {
    Line.flow(count) { line, number in
      line.user = "0x\(number % 7)"
      line.side = number % 3 == 0 ? "SELL" : "BUY"
      line.shares = 100 + number * 37 % 4000
    }.text
  }

  private func rerun(
    _ reader: JournalReader, _ sources: RuleSources, _ signal: Signal
  ) throws -> (EventRerun.Outcome, InstrumentedRule) {
    let file = try #require(sources.rules.first { $0.name == signal.rule })
    let rule = try InstrumentedRule(file.source)
    let rerun = try EventRerun(
      reader, sources: sources, rule: signal.rule, seq: signal.seq, source: rule.source,
      hasMemory: RuleMemory(rule.chunk).isKept)
    return (try rerun.run(), rule)
  }

  /// Expects some signals of a journal to come out of it again, each from one event alone.
  private func expectAgain(_ journal: String, _ sources: RuleSources, every: Int) throws -> Set<String> {
    let reader = try JournalReader(path: journal)
    var stored: [Signal] = []
    try reader.signals { stored.append($0.signal) }
    stored.removeAll { $0.rule.hasPrefix("betterbot/") }
    var hooks: Set<String> = []
    for (place, signal) in stored.enumerated() where place % every == 0 {
      let (outcome, _) = try rerun(reader, sources, signal)
      let call = outcome.trace.calls.first { $0.verdicts.contains(.fired(id: signal.id.hex)) }
      hooks.insert("\(signal.rule) \(call?.hook ?? "none")")
      var again = try #require(outcome.signals.first { $0.id == signal.id }, "\(signal.title)")
      again.foldCount = signal.foldCount
      #expect(again == signal)
    }
    return hooks
  }

  @Test("signals of a replay come out again, from hooks of every kind, with state and without")
  func replayed() throws {
    let rules = [
      "big": TestRules.big, "folding": TestRules.folding, "tenth": TestRules.tenth, "count": Self.counting,
      "hooks": Self.hooks,
    ]
    let journal = try Journal(path: workspace.file("a.db"))
    _ = try Trial.run(rules, over: Self.flow(400), in: workspace, journal: journal) {
      $0.storesEveryOrder = true
    }
    let sources = RuleSources(
      rules: rules.map { RuleSources.File(name: $0.key, source: Array($0.value.utf8)) })
    let hooks = try expectAgain(workspace.file("a.db"), sources, every: 3)
    #expect(
      hooks == [
        "big on_order", "folding on_order", "tenth on_order", "count on_order", "hooks on_timer",
        "hooks on_close", "hooks on_sequence",
      ])
  }

  @Test("signals of the shipped rules come out of the fixture's journal again")
  func shipped() throws {
    let sources = try RuleFolder.read(TestRules.shipped)
    let path = workspace.file("a.db")
    var options = Replay.Options()
    options.inputs = [Workspace.root + "/fixtures/flow.jsonl.gz"]
    options.storesEveryOrder = true
    _ = try Replay(options, engine: try Engine(sources), journal: try Journal(path: path)).run()
    let hooks = try expectAgain(path, sources, every: 12)
    #expect(hooks.contains("consensus on_signal"))
    #expect(
      hooks.count >= 5
        && hooks.allSatisfy { $0 == "consensus on_signal" || $0.hasSuffix(" on_order") })
  }

  @Test("signals of a live run come out again, with the files that the journal keeps")
  func live() async throws {
    let trial = try LiveTrial(["tenth": TestRules.tenth, "count": Self.counting])
    let path = try trial.workspace.write(Self.flow(3_000), to: "flow.jsonl")
    try await trial.run([LiveTrial.file(path)]) { run in
      try await LiveTrial.until("all are read") { run.status.orders >= 3_000 }
    }
    let reader = try JournalReader(path: trial.journal)
    let version = try #require(try reader.version(at: 100))
    let past = try PastRules.find(version, in: reader, folder: "rules") { RuleSources(rules: []) }
    #expect(past.warning == nil && past.sources.version == version)
    let hooks = try expectAgain(trial.journal, past.sources, every: 41)
    #expect(hooks == ["tenth on_order", "count on_order"])
    let other = try PastRules.find("0123456789abcdef", in: reader, folder: "rules") { past.sources }
    #expect(other.warning?.contains("rule set 0123456789abcdef ran at this event") == true)
  }

  @Test("a forced condition leaves nothing behind: the next run is as the first")
  func nothingLeaks() throws {
    let rules = ["count": Self.counting]
    let journal = try Journal(path: workspace.file("a.db"))
    _ = try Trial.run(rules, over: Self.flow(120), in: workspace, journal: journal) {
      $0.storesEveryOrder = true
    }
    let sources = RuleSources(rules: [RuleSources.File(name: "count", source: Array(Self.counting.utf8))])
    let rule = try InstrumentedRule(sources.rules[0].source)
    #expect(RuleMemory(rule.chunk).isKept)
    let rerun = try EventRerun(
      try JournalReader(path: workspace.file("a.db")), sources: sources, rule: "count", seq: 77,
      source: rule.source, hasMemory: true)
    let first = try rerun.run()
    #expect(first.signals.isEmpty)
    var search = try GuardSearch(rule, hook: "on_order", declarations: first.declarations) {
      try rerun.run(forcing: $0).trace
    }
    #expect(search.end == .fires(signals: 1))
    #expect(search.steps.map(\.line) == [7])
    #expect(search.steps.map(\.check.text) == ["state.n % 50 27 ~= 0 → true"])
    #expect(search.steps.map(\.returned) == [7])
    #expect(try rerun.run().trace == first.trace)
    search = try GuardSearch(rule, hook: "on_order", declarations: nil) { try rerun.run(forcing: $0).trace }
    #expect(search.steps.count == 1)
  }

  @Test("each round of a loop is forced by itself")
  func loops() throws {
    let text = """
      local R = rule { title = "loop" }
      local function isOdd(n) return n % 2 == 1 end
      function R.on_order(o)
        local P = R.params
        for i = 1, 3 do if isOdd(o.seq + 2 * i) then return end end
        if o.side == 'SELL' and not (o.label or o.price < usd(0.25)) then
          if 300000000 >= o.usd then return end
          R.tell(o)
        end
      end
      function R.tell(o) signal { title = "x" } end
      return R
      """
    let source = Array(text.utf8)
    let sources = RuleSources(rules: [RuleSources.File(name: "loop", source: source)])
    let journal = try Journal(path: workspace.file("a.db"))
    let flow = Line.flow(9) { line, _ in line.shares = 400 }.text
    _ = try Trial.run(["loop": text], over: flow, in: workspace, journal: journal) {
      $0.storesEveryOrder = true
    }
    let rule = try InstrumentedRule(source)
    let rerun = try EventRerun(
      try JournalReader(path: workspace.file("a.db")), sources: sources, rule: "loop", seq: 3,
      source: rule.source, hasMemory: false)
    let search = try GuardSearch(rule, hook: "on_order", declarations: nil) {
      try rerun.run(forcing: $0).trace
    }
    #expect(search.end == .fires(signals: 1))
    #expect(search.steps.map(\.line) == [5, 5, 5, 6, 7])
    #expect(
      search.steps.map(\.check.text) == [
        "isOdd(o.seq + 2 * i) true", "isOdd(o.seq + 2 * i) true", "isOdd(o.seq + 2 * i) true",
        "o.side \"BUY\" == \"SELL\" → false", "300,000,000 ($300.00) >= o.usd 200,000,000 ($200.00) → true",
      ])
    #expect(search.steps.map(\.wanted) == [false, false, false, true, false])
    #expect(search.steps.last?.distance == "$100.000001 short (66 %)")
    #expect(search.steps.map(\.returned) == [5, 5, 5, nil, 7])
  }

  @Test("hostile rules end, and so does the search behind their conditions")
  func hostile() throws {
    let text = """
      local R = rule { title = "hostile" }
      function R.on_order(o)
        local s = ("x"):rep(3000000)
        for i = 1, 100000 do if i < 0 then signal { title = "never" } end end
        if #s == 1 then return end
        while o.seq < 0 do signal { title = "never" } end
        if s == "y" then while true do end end
        if o.seq == 3 then while true do signal { title = "x" } end end
      end
      return R
      """
    let source = Array(text.utf8)
    let sources = RuleSources(rules: [RuleSources.File(name: "hostile", source: source)])
    let journal = try Journal(path: workspace.file("a.db"))
    _ = try Trial.run(["hostile": text], over: Self.flow(4), in: workspace, journal: journal) {
      $0.storesEveryOrder = true
    }
    let rule = try InstrumentedRule(source)
    let reader = try JournalReader(path: workspace.file("a.db"))
    for seq in [Int64(2), 3] {
      let rerun = try EventRerun(
        reader, sources: sources, rule: "hostile", seq: seq, source: rule.source, hasMemory: false)
      let outcome = try rerun.run()
      #expect(outcome.trace.isTruncated)
      #expect((outcome.failures.first?.message.contains("64 signals") == true) == (seq == 3))
      let search = try GuardSearch(rule, hook: "on_order", declarations: nil) {
        try rerun.run(forcing: $0).trace
      }
      #expect(search.steps.count <= GuardSearch.limit)
    }
  }
}
