import Journal
import OrderFlow
import RuleEngine
import Testing

@testable import Pipeline
import Wire

@Suite struct ReplayJournalTests {
  private let workspace: Workspace
  private let path: String

  init() throws {
    workspace = try Workspace()
    path = workspace.file("journal.db")
  }

  private func stored(
    _ rules: [String: String], _ input: String, _ change: (inout Replay.Options) -> Void = { _ in }
  ) throws -> Trial {
    let journal = try Journal(path: path, durability: .normal)
    let trial = try Trial.run(rules, over: input, in: workspace, journal: journal, change)
    try journal.close()
    return trial
  }

  private static let flow = Line.flow(35) { line, number in
    line.shares = number % 8 == 0 ? 4000 : 10
    line.user = number < 20 ? "0xa" : "0xb"
  }

  @Test("signals are stored with the orders that triggered and support them, and no others")
  func evidence() throws {
    let trial = try stored(["tenth": TestRules.tenth], Self.flow.text)
    #expect(trial.signals.map(\.seq) == [10, 20, 30])
    let database = try Database(path)
    // 1…20 of the first wallet, 21…30 of the second; 31…35 support nothing.
    #expect(try database.count("SELECT count(*) FROM events") == 30)
    #expect(try database.count("SELECT max(seq) FROM events") == 30)
    #expect(
      try database.text("SELECT evidence FROM signals WHERE seq = 30") == "[21,22,23,24,25,26,27,28,29,30]")
    #expect(trial.report.missingEvidence == 0)
  }

  @Test("on request every order is stored, each once")
  func everyOrder() throws {
    let input = Self.flow.text + Self.flow.text
    let trial = try stored(["big": TestRules.big], input) { $0.storesEveryOrder = true }
    #expect(trial.report.duplicates == 35)
    #expect(try Database(path).count("SELECT count(*) FROM events") == 35)
  }

  @Test("the journal holds the same lines as the run gave")
  func sameLines() throws {
    let rules = ["big": TestRules.big, "folding": TestRules.folding, "tenth": TestRules.tenth]
    let trial = try stored(rules, Self.flow.text)
    var lines: [UInt8] = []
    try JournalReader(path: path).signals { SignalLine.append($0.signal, to: &lines) }
    #expect(trial.signals.contains { $0.foldCount > 0 })
    #expect(String(decoding: lines, as: UTF8.self) == trial.lines)
  }

  @Test("the same recording again adds nothing, and gives the same lines")
  func twiceIntoOneFile() throws {
    let rules = ["big": TestRules.big, "folding": TestRules.folding, "troubled": TestRules.troubled]
    let input = Self.flow.text + "broken\n"
    let first = try stored(rules, input)
    let before = try Database(path).dump()
    let second = try stored(rules, input) { $0.batchSize = 3 }
    #expect(before.contains("the third") && before.contains("62726F6B656E"))
    #expect(try Database(path).dump() == before)
    #expect(first.lines == second.lines)
  }

  @Test("a run that was cut short is completed by the next one", arguments: [1, 9, 20, 34])
  func resumed(_ limit: Int) throws {
    let rules = ["big": TestRules.big, "tenth": TestRules.tenth]
    _ = try stored(rules, Self.flow.text) { $0.limit = limit }
    _ = try stored(rules, Self.flow.text)
    let resumed = try Database(path).text("SELECT group_concat(hex(id) || seq, ' ') FROM signals ORDER BY n")
    let other = workspace.file("other.db")
    let journal = try Journal(path: other, durability: .normal)
    _ = try Trial.run(rules, over: Self.flow.text, in: workspace, journal: journal)
    try journal.close()
    #expect(
      try Database(other).text("SELECT group_concat(hex(id) || seq, ' ') FROM signals ORDER BY n") == resumed)
  }

  @Test("a second recording that overlaps refers to the orders the first one stored")
  func overlap() throws {
    let late = Array(Self.flow[5...])
    _ = try stored(["big": TestRules.big], Self.flow.text) { $0.storesEveryOrder = true }
    let trial = try stored(["tenth": TestRules.tenth], late.text)
    #expect(trial.signals.map(\.seq) == [1_000_000_010, 1_000_000_025])
    let database = try Database(path)
    #expect(try database.count("SELECT count(*) FROM events") == 35)
    #expect(try database.text("SELECT group_concat(seq) FROM signals WHERE rule = 'tenth'") == "15,30")
    let evidence = try database.text("SELECT evidence FROM signals WHERE rule = 'tenth' AND seq = 15")
    #expect(evidence == "[6,7,8,9,10,11,12,13,14,15]")
  }

  @Test("a second run that stores nothing gives the same lines when it is told the first one's numbers")
  func sequenceBase() throws {
    _ = try stored(["big": TestRules.big], Line.flow(3) { line, _ in line.token = "7" }.text)
    let first = try stored(["big": TestRules.big], Self.flow.text)
    #expect(first.report.sequenceBase == 1_000_000_000)
    let second = try Trial.run(["big": TestRules.big], over: Self.flow.text, in: workspace) {
      $0.sequenceBase = first.report.sequenceBase
    }
    #expect(!first.lines.isEmpty && second.lines == first.lines)
  }

  @Test("dead letters, failures, state and the version that ran are stored")
  func rest() throws {
    let trial = try stored(["troubled": TestRules.troubled], Self.flow.text + "\n{\"broken\"\n")
    let database = try Database(path)
    #expect(
      try database.text("SELECT line || ' ' || CAST(text AS TEXT) FROM dead_letters") == "37 {\"broken\"")
    #expect(try database.text("SELECT rule || seq || hook FROM failures") == "troubled3on_order")
    #expect(try database.text("SELECT trace FROM failures").contains("troubled.lua:5"))
    #expect(try database.text("SELECT rule || version FROM rule_state") == "troubled" + trial.report.version)
    #expect(
      try database.text("SELECT version || outcome || rules FROM versions") == trial.report.version
        + "replayed1")
  }

  @Test("a state that cannot be kept is a failure of its rule and harms no other")
  func unkeepableState() throws {
    let hoarder = """
      local R = rule { title = "hoarder" }
      function R.on_order(o) state.f = function() end end
      return R
      """
    let trial = try stored(["hoarder": hoarder, "big": TestRules.big], Self.flow.text)
    #expect(trial.report.failures.map(\.rule) == ["hoarder"])
    #expect(try Database(path).text("SELECT group_concat(rule) FROM rule_state") == "big")
    #expect(try Database(path).count("SELECT count(*) FROM signals") == 5)
  }

  @Test("an input that breaks off leaves what could be read in the journal")
  func brokenInputIsStored() throws {
    let cut = try workspace.write([0x1F, 0x8B, 8, 0], to: "cut.gz")
    let whole = try workspace.write(Self.flow.text, to: "whole")
    let trial = try stored(["big": TestRules.big], "") { $0.inputs = [whole, cut] }
    #expect(trial.report.inputFailure != nil)
    #expect(try Database(path).count("SELECT count(*) FROM signals") == 5)
  }
}
