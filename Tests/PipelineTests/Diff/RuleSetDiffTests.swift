import Feeds
import Journal
import OrderFlow
import RuleEngine
import RuleKit
import Testing

@testable import Pipeline

/// Two rule sets over the same flow.
@Suite("Two rule sets over the same flow", .timeLimit(.minutes(4))) struct RuleSetDiffTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  private static func sources(
    _ rules: [String: String], _ parameters: [String: [String: String]] = [:]
  ) -> RuleSources {
    RuleSources(
      rules: rules.map { RuleSources.File(name: $0.key, source: Array($0.value.utf8)) },
      parameters: parameters)
  }

  private func diff(
    _ before: RuleSources, _ after: RuleSources, _ flow: DiffFlow,
    _ change: (inout RuleSetDiff.Options) -> Void = { _ in }
  ) throws -> DiffReport {
    var options = RuleSetDiff.Options()
    change(&options)
    return try RuleSetDiff(before: (before, "old"), after: (after, "new"), flow: flow, options: options).run()
  }

  /// Orders of seven wallets, one a second, of 50 to 2,049 dollars.
  private static func flow(_ count: Int) -> String {
    Line.flow(count) { line, number in
      line.user = "0x\(number % 7)"
      line.side = number % 3 == 0 ? "SELL" : "BUY"
      line.price = number % 2 == 0 ? "0.5" : "0.51"
      line.shares = 100 + number * 37 % 4000
    }.text
  }

  private func recording(_ count: Int = 600) throws -> DiffFlow {
    .files([try workspace.write(Self.flow(count), to: "flow.jsonl")])
  }

  private static func summary(_ report: DiffReport) -> [String] {
    report.rules.flatMap { rule in
      rule.groups.map {
        "\($0.differences.count) \($0.kind.rawValue): \($0.decision?.heading ?? $0.fields.joined(separator: ","))"
      }
        + ["\(rule.rule): \(rule.same) the same"]
    }
  }

  @Test(
    "a raised threshold takes signals away, by the line of the header that decided; lowered again, they are new"
  )
  func threshold() throws {
    let rules = ["big": TestRules.big]
    let (low, high) = (Self.sources(rules), Self.sources(rules, ["big": ["min_usd": "1500"]]))
    let gone = try diff(low, high, try recording())
    let count = try #require(gone.rules.first?.count(.gone))
    #expect(count > 20)
    #expect(Self.summary(gone)[0] == "\(count) gone: big.lua:2  where usd_floor >= $1,500.00")
    let first = try #require(gone.rules[0].groups[0].differences.first?.reading)
    #expect(first.values?.hasPrefix("usd_floor 1,") == true && first.distance?.hasSuffix(" %)") == true)
    let new = try diff(high, low, try recording())
    #expect(Self.summary(new)[0] == "\(count) new: big.lua:2 (before)  where usd_floor >= $1,500.00")
    #expect(new.flow.orders == 600)
  }

  /// Fires at the third order of a wallet within a minute, when it is a buy; then holds its wallet.
  private static func third(_ fills: Int, hold: String = "30s", more: String = "") -> String {
    """
    local R = rule {
      title = "third",
      windows = { w = window.sliding { by = { "user" }, span = "1m", agg = { n = count(), usd = sum "usd" } } },
      dedup = { by = { "user" }, hold = "\(hold)" },
    }
    function R.on_order(o, w)
      if o.side ~= "BUY" then return end
      if w.w.n < \(fills) then return end
      signal { title = "third", severity = w.w.usd > usd(5000) and "high" or nil, data = { n = w.w.n\(more) } }
    end
    return R
    """
  }

  @Test("a guard that lets through later moves signals, and says how far off it was")
  func moved() throws {
    let report = try diff(
      Self.sources(["third": Self.third(3)]), Self.sources(["third": Self.third(4)]), try recording())
    let groups = report.rules[0].groups
    let moved = try #require(groups.first { $0.kind == .moved })
    #expect(moved.decision?.heading == "third.lua:8  w.w.n < 4")
    #expect(moved.differences[0].reading?.values == "w.w.n 3 < 4 → true")
    #expect(moved.differences[0].reading?.distance == "1 more needed (75 %)")
  }

  @Test("a changed hold folds what fired, and a changed field says which")
  func fields() throws {
    let old = Self.sources(["third": Self.third(3)])
    let held = try diff(old, Self.sources(["third": Self.third(3, hold: "2m")]), try recording())
    let decisions = Set(held.rules[0].groups.compactMap(\.decision?.heading))
    #expect(decisions.contains("third.lua:4  folded: an earlier signal holds its key"))
    let named = try diff(
      old, Self.sources(["third": Self.third(3, more: ", side = o.side")]), try recording())
    #expect(named.rules[0].groups.map(\.fields) == [["data"]] && named.rules[0].same == 0)
    #expect(
      named.rules[0].groups[0].differences[0].changes == [
        FieldChange(name: "data.side", before: "nothing", after: "BUY")
      ])
    let text = Self.third(3).replacing("usd(5000)", with: "usd(9000)")
    let severity = try diff(old, Self.sources(["third": text]), try recording())
    let changed = try #require(severity.rules[0].groups.first { $0.kind == .changed })
    #expect(changed.fields == ["severity high → medium"])
    #expect(changed.decision?.heading == "third.lua:9  w.w.usd > usd(9000)")
  }

  @Test("rules that are the same do not run, and those that hear a changed one do")
  func plan() throws {
    let listener = """
      local R = rule { title = "hears", listens = { "big" } }
      function R.on_signal(s) signal { title = "heard " .. s.title } end
      return R
      """
    let rules = ["big": TestRules.big, "hears": listener, "third": Self.third(3)]
    let report = try diff(
      Self.sources(rules), Self.sources(rules, ["big": ["min_usd": "2000"]]), try recording())
    #expect(report.unchanged == ["third"])
    #expect(report.rules.map(\.rule) == ["big", "hears"])
    #expect(report.rules[0].count(.gone) == report.rules[1].count(.gone))
    #expect(
      report.rules[1].groups.map(\.decision?.heading) == [
        "hears.lua  on_signal was not called: no signal that it hears came"
      ])
    let none = try diff(Self.sources(rules), Self.sources(rules), .files(["missing.jsonl"]))
    #expect(!none.differs && none.unchanged == ["big", "hears", "third"])
  }

  @Test("a rule that one set lacks, one that fails and one that is broken are told apart")
  func troubled() throws {
    let gone = try diff(
      Self.sources(["big": TestRules.big, "tenth": TestRules.tenth]), Self.sources(["big": TestRules.big]),
      try recording())
    #expect(gone.rules[0].groups.map(\.decision?.heading) == ["tenth.lua  there is no such rule"])
    let failing = TestRules.big.replacing(
      "signal {", with: "\n if o.usd > usd(1990) then error('x') end signal {")
    let failed = try diff(
      Self.sources(["big": TestRules.big]), Self.sources(["big": failing]), try recording())
    #expect(
      failed.notes.contains { $0.hasPrefix("after: big failed ") && $0.hasSuffix("first: big.lua:5: x") })
    let headings = failed.rules.flatMap(\.groups).compactMap(\.decision?.heading)
    #expect(headings.contains("big.lua:5  the hook failed: x"), "\(headings)")
    do {
      _ = try diff(Self.sources(["big": TestRules.big]), Self.sources(["big": "return 1 +"]), try recording())
      Issue.record("a broken rule ran")
    } catch let refused as RuleSetDiff.Refused {
      #expect(refused.side == .after && refused.problems.map(\.rule) == ["big"])
    }
  }

  @Test("an order that a window does not take, and a rule out of service, are told with their reasons")
  func windows() throws {
    func counting(_ dollars: Int, failing: String = "") -> RuleSources {
      Self.sources([
        "counting": """
        local R = rule {
          title = "counting",
          windows = {
            w = window.sliding {
              by = { "user" }, span = "1h",
              where = { usd_floor = at_least(usd(\(dollars))) },
              agg = { n = count() },
            },
          },
          where = { ["w.n"] = at_least(1) },
        }
        function R.on_order(o, w)
          \(failing)
          signal { title = "counted" }
        end
        return R
        """
      ])
    }
    let small = try diff(counting(500), counting(1000), try recording())
    #expect(
      small.rules[0].groups.map(\.decision?.heading) == [
        "counting.lua:6  window w where usd_floor >= $1,000.00"
      ])
    let broken = try diff(counting(500), counting(500, failing: "error('always')"), try recording())
    let headings = broken.rules.flatMap(\.groups).compactMap(\.decision?.heading)
    #expect(headings.contains("counting.lua:13  the hook failed: always"), "\(headings)")
    #expect(headings.contains("counting.lua  it was quarantined: too many errors before"), "\(headings)")
    let endless = try diff(
      counting(500), counting(500, failing: "while o.usd > usd(2040) do end"), try recording())
    #expect(
      endless.rules.flatMap(\.groups).contains {
        $0.decision?.heading.hasPrefix("counting.lua:13  the hook failed: killed: ") == true
      }, "\(Self.summary(endless))")
    #expect(broken.rules.contains { $0.rule == "betterbot/quarantine" && $0.count(.new) == 1 })
  }

  @Test("no more signals are explained than asked for, and prices are there for all of them")
  func bounds() throws {
    let rules = ["big": TestRules.big]
    let report = try diff(
      Self.sources(rules), Self.sources(rules, ["big": ["min_usd": "5000"]]), try recording()
    ) {
      $0.explained = 5
      $0.horizon = 10_000
    }
    let groups = report.rules[0].groups
    #expect(groups.first { $0.decision != nil }?.differences.count == 5)
    let others = try #require(groups.first { $0.decision == nil })
    #expect(others.differences.count > 20)
    #expect((others.summary?.count ?? 0) > 10)
  }

  // MARK: Over a journal

  private func journal(_ rules: [String: String], _ count: Int, pause: Int = 0) throws -> JournalReader {
    let path = workspace.file("a.db")
    let journal = try Journal(path: path)
    _ = try Trial.run(rules, over: Self.flow(count), in: workspace, journal: journal) {
      $0.storesEveryOrder = true
    }
    try journal.close()
    return try JournalReader(path: path)
  }

  @Test("over a journal the same comes out as over the recording that it is made of")
  func stored() throws {
    let (old, new) = (Self.sources(["third": Self.third(3)]), Self.sources(["third": Self.third(4)]))
    let reader = try journal(["third": Self.third(3)], 600)
    let stored = try diff(old, new, .journal(reader, since: nil)) { $0.horizon = 10_000 }
    let recorded = try diff(old, new, try recording()) { $0.horizon = 10_000 }
    #expect(stored.differs)
    func lines(_ report: DiffReport) -> ArraySlice<String> {
      report.lines(limit: 99).map(\.text).dropFirst(3)
    }
    #expect(lines(stored) == lines(recorded))
    #expect(stored.flow.orders == recorded.flow.orders && stored.notes.isEmpty)
  }

  @Test(
    "a live run's journal compares with the version that ran, and a range begins with full windows and holds")
  func live() async throws {
    func rich(_ dollars: Int) -> String {
      Self.third(3).replacing("w.w.n < 3", with: "w.w.usd < usd(\(dollars))")
    }
    let trial = try LiveTrial(["third": rich(9000), "count": TestRules.tenth])
    let path = try trial.workspace.write(Self.flow(3_000), to: "flow.jsonl")
    try await trial.run([LiveTrial.file(path)]) { run in
      try await LiveTrial.until("all are read") { run.status.orders >= 3_000 }
    }
    let reader = try JournalReader(path: trial.journal)
    let running = try RunningRuleSet.find(in: reader)
    #expect(running.place == "running \(trial.journal)")
    #expect(running.sources.rules.map(\.name) == ["count", "third"])
    let again = try RunningRuleSet.find(String(running.sources.version.prefix(6)), in: reader)
    #expect(again.sources.version == running.sources.version)
    #expect(throws: RunningRuleSet.Missing.self) { try RunningRuleSet.find("0000000", in: reader) }

    let new = Self.sources(["third": rich(9500), "count": TestRules.tenth])
    let all = try diff(running.sources, new, .journal(reader, since: nil))
    let since = try #require(try reader.newestClock()) - 600_000
    let some = try diff(running.sources, new, .journal(reader, since: since))
    #expect(some.unchanged == ["count"] && some.flow.orders < 700)
    func seqs(_ report: DiffReport) -> [String] {
      report.rules.flatMap(\.groups).flatMap { group in
        group.differences.compactMap { difference in
          difference.shown.flatMap { $0.time >= since + 60_000 ? "\(group.kind) \($0.seq)" : nil }
        }
      }.sorted()
    }
    #expect(!seqs(some).isEmpty)
    #expect(seqs(some) == seqs(all))
  }

  @Test("a journal with the orders behind signals alone says what it lacks")
  func lacking() throws {
    let journal = try Journal(path: workspace.file("a.db"))
    _ = try Trial.run(["third": Self.third(3)], over: Self.flow(600), in: workspace, journal: journal)
    try journal.close()
    let reader = try JournalReader(path: workspace.file("a.db"))
    let report = try diff(
      Self.sources(["third": Self.third(3)]), Self.sources(["third": Self.third(4)]),
      .journal(reader, since: nil))
    #expect(report.notes.contains { $0.hasPrefix("the journal lacks ") })
    #expect(throws: RunningRuleSet.Missing.self) { try RunningRuleSet.find(in: reader) }
  }

  @Test("the shipped rules over the fixture: the same folder twice never differs, though every rule runs")
  func shipped() throws {
    var sources = try RuleFolder.read(TestRules.shipped)
    let before = sources
    // A comment makes every rule another text.
    sources.rules = sources.rules.map { .init(name: $0.name, source: $0.source + Array("-- x\n".utf8)) }
    let report = try diff(before, sources, .files([Workspace.root + "/fixtures/flow.jsonl.gz"]))
    #expect(!report.differs && report.unchanged.isEmpty && report.rules.count == 6)
    #expect(report.rules.reduce(0) { $0 + $1.same } > 100)
  }
}
