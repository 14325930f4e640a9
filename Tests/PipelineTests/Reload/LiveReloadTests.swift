import Glibc
import Journal
import Logging
import OrderFlow
import RuleEngine
import Synchronization
import Testing

@testable import Pipeline

@Suite("Changing rules while they run")
struct LiveReloadTests {
  private static func counting(_ text: String = "", version: Int = 1) -> String {
    """
    local R = rule { title = "count", params = { every = param.int(1) } }
    R.state_version = \(version)
    \(text)
    function R.on_order(o)
      state.n = (state.n or 0) + 1
      if state.n % R.params.every == 0 then signal { title = "n " .. state.n } end
    end
    return R
    """
  }

  /// Runs a pipe's orders through rules; `body` gets a way to send some and wait until they are through.
  private func run(
    _ rules: [String: String], watches: Bool = false, _ configure: (inout LiveOptions) -> Void = { _ in },
    _ body: (LiveTrial, LiveRun, (Int) async throws -> Void) async throws -> Void
  ) async throws -> LiveTrial {
    let trial = try LiveTrial(rules)
    let pipe = try LinePipe(trial.workspace)
    let flow = Line.flow(60)
    try await trial.run(
      [LiveTrial.file(pipe.path)],
      { options in
        options.ticks = false
        options.reload.watches = watches
        configure(&options)
      },
      { run in
        try await LiveTrial.until("it runs") { !run.status.version.isEmpty }
        var sent = 0
        try await body(trial, run) { count in
          pipe.write(Array(flow[sent..<(sent + count)]))
          sent += count
          try await LiveTrial.until("\(sent) orders are there") { run.status.orders == UInt64(sent) }
        }
      })
    return trial
  }

  private func write(_ trial: LiveTrial, _ rule: String, _ text: String) throws {
    try trial.workspace.write(text, to: "rules/\(rule).lua")
  }

  @Test("a bad rule changes nothing and says why; with a good one windows keep what they hold")
  func goodAndBad() async throws {
    let trial = try await run(["tenth": TestRules.tenth]) { trial, run, send in
      try await send(6)
      let before = run.status.version
      try write(trial, "bad", "local R = rule {")
      let refusal = await run.reload()
      #expect(!refusal.isDone)
      #expect(refusal.text.contains("not reloaded, \(before) goes on") && refusal.text.contains("bad.lua:1"))
      unlink(trial.workspace.file("rules/bad.lua"))
      #expect((await run.reload()).text.contains("the rules are as they were"))
      try write(trial, "another", TestRules.folding)
      try write(trial, "tenth", TestRules.tenth + "-- edited\n")
      #expect((await run.reload()).text.contains("2 rules run now"))
      try await send(6)
    }
    let rules = trial.signals.withLock { $0.map(\.rule) }
    #expect(rules.filter { $0 == "tenth" }.count == 1, "the window lost what it held")
    #expect(rules.contains("another"))
    #expect(rules.filter { $0 == "betterbot/reload" }.count == 2)
    // Every signal's version is on record, and every change of the rules.
    let unknown = "SELECT count(*) FROM signals WHERE version NOT IN (SELECT version FROM versions)"
    #expect(try trial.count(unknown) == 0)
    let reader = try JournalReader(path: trial.journal)
    #expect(try reader.reloads(newest: 9).map(\.outcome) == ["running", "rejected", "started"])
    #expect(try reader.reloads(newest: 9)[1].reason?.contains("bad.lua:1") == true)
  }

  @Test("saving a file is enough")
  func saved() async throws {
    let trial = try await run(["count": Self.counting()], watches: true) { trial, run, send in
      try await send(3)
      let before = run.status.version
      try write(trial, "count", Self.counting("-- edited"))
      try await LiveTrial.until("it runs") { run.status.version != before }
      try await send(1)
      try write(trial, "count", Self.counting("oops"))
      try await LiveTrial.until("it is refused") { run.status.reload.rejections == 1 }
      try await send(1)
    }
    let titles = trial.signals.withLock { $0.filter { $0.rule == "count" }.map(\.title) }
    #expect(titles == ["n 1", "n 2", "n 3", "n 4", "n 5"])
  }

  @Test("a rule that failed too often is called again once it is mended, and no sooner")
  func mended() async throws {
    let failing = "local R = rule { title = \"x\" }\nfunction R.on_order(o) error(\"oh\") end\nreturn R\n"
    _ = try await run(["failing": failing]) { trial, run, send in
      try await send(6)
      try await LiveTrial.until("it is quarantined") { run.status.rules.first?.isQuarantined == true }
      #expect((await run.reload()).kind == .unchanged)
      try write(trial, "failing", failing.replacing("error(\"oh\")", with: ""))
      #expect((await run.reload()).text.contains("1 rule runs now"))
      try await send(6)
      try await LiveTrial.until("it is called") {
        run.status.rules.first.map { !$0.isQuarantined && $0.calls > 0 } ?? false
      }
    }
  }

  @Test("state goes through migrate, and one that raises stops the reload")
  func migrate() async throws {
    let trial = try await run(["count": Self.counting()]) { trial, run, send in
      try await send(3)
      try write(trial, "count", Self.counting("function R.migrate() error('not yet') end", version: 2))
      let refusal = await run.reload()
      #expect(refusal.text.contains("count.lua:3: not yet"))
      try write(
        trial, "count", Self.counting("function R.migrate(old) return { n = old.n * 10 } end", version: 2))
      #expect(await run.reload().isDone)
      try await send(1)
    }
    #expect(trial.signals.withLock { $0.last?.title } == "n 31")
  }

  @Test("a removed rule that comes back finds its state, and rollback brings back what ran before")
  func removedAndRolledBack() async throws {
    let trial = try await run(["count": Self.counting(), "other": TestRules.folding]) { trial, run, send in
      try await send(3)
      let both = run.status.version
      unlink(trial.workspace.file("rules/count.lua"))
      #expect((await run.reload()).text.contains("1 rule runs now"))
      let one = run.status.version
      try await send(2)
      let back = await run.rollback()
      #expect(back.kind == .rolledBack && back.version == both && back.previous == one)
      try await send(1)
      // Back and forth.
      #expect((await run.rollback()).version == one)
      #expect((await run.rollback()).version == both)
      let text = await run.statusText()
      #expect(text.contains("the rules folder holds \(one), which does not run"))
    }
    #expect(
      trial.signals.withLock { $0.filter { $0.rule == "count" }.map(\.title) } == [
        "n 1", "n 2", "n 3", "n 4",
      ])
    #expect(try trial.count("SELECT count(*) FROM rule_state WHERE removed_ms IS NOT NULL") == 0)
    // A restart does not bring back what was rolled back; a change on the disk does.
    var options = LiveOptions(journal: trial.journal, rules: trial.workspace.file("rules"), feeds: [])
    options.reload.watches = false
    let path = try trial.workspace.write("", to: "empty.jsonl")
    options.feeds = [LiveTrial.file(path)]
    let again = LiveRun(options, log: Logger(label: "test"))
    try await again.run()
    #expect(again.status.rules.map(\.rule) == ["count", "other"])
    try write(trial, "other", TestRules.folding + "-- edited\n")
    let later = LiveRun(options, log: Logger(label: "test"))
    try await later.run()
    #expect(later.status.rules.map(\.rule) == ["other"])
  }

  @Test("there is nothing to go back to before anything has changed")
  func nothingBefore() async throws {
    _ = try await run(["count": Self.counting()]) { _, run, _ in
      let outcome = await run.rollback()
      #expect(outcome.text.contains("knows no version before"))
    }
  }

  @Test("with reload.partial good files come in and bad ones go on as they were")
  func partial() async throws {
    let trial = try await run(
      ["count": Self.counting(), "other": TestRules.folding], { $0.reload.isPartial = true }
    ) { trial, run, send in
      try await send(1)
      try write(trial, "count", "nonsense")
      try write(trial, "new_bad", "while true do end")
      try write(trial, "other", TestRules.folding + "-- edited\n")
      let outcome = await run.reload()
      #expect(outcome.kind == .partial && outcome.text.contains("count.lua:1"))
      #expect(run.status.rules.map(\.rule) == ["count", "other"])
      #expect(await run.statusText().contains("not taken"))
      try await send(1)
    }
    #expect(trial.signals.withLock { $0.filter { $0.rule == "count" }.map(\.title) } == ["n 1", "n 2"])
  }

  @Test("the lint has a say: an error refuses a rule that loads, a warning is only said")
  func linted() async throws {
    _ = try await run(["count": Self.counting()]) { trial, run, _ in
      try write(
        trial, "wrong",
        "local R = rule { title = 'x' }\nfunction R.on_order(o) print(o.userr) end\nreturn R\n")
      let refusal = await run.reload()
      #expect(refusal.text.contains("wrong.lua:2: ") && refusal.text.contains("user"), "\(refusal.text)")
      #expect(refusal.text.contains("[unknown-field]"))
      try write(
        trial, "wrong", "local R = rule { title = 'x' }\nfunction R.on_order(o) local a = o.t end\nreturn R\n"
      )
      let taken = await run.reload()
      #expect(taken.isDone && taken.warnings.contains { $0.contains("wrong.lua:2") }, "\(taken)")
    }
  }

  @Test("a changed rule must pass the tests beside it, unless they are not to be asked")
  func tested() async throws {
    let tests = """
      rule: count
      wallets: { alice: "0xa1" }
      markets: { btc: { Yes: "8031" } }
      tests:
        - name: every order counts
          orders: |
            +0s alice BUY 1 @0.5 btc.Yes   #> medium
            +1s alice BUY 1 @0.5 btc.Yes   #> medium

      """
    for isTested in [true, false] {
      // What the configuration says of a parameter is not what is tested.
      _ = try await run(
        ["count": Self.counting()],
        {
          $0.reload.isTested = isTested
          $0.parameters = ["count": ["every": "7"]]
        }
      ) { trial, run, send in
        try trial.workspace.write(tests, to: "rules/count.test.yaml")
        try write(trial, "count", Self.counting("-- fine"))
        #expect((await run.reload()).isDone)
        try write(trial, "count", Self.counting().replacing("param.int(1)", with: "param.int(2)"))
        let outcome = await run.reload()
        #expect(outcome.isDone != isTested)
        let words = "count.test.yaml:5: test 'every order counts' fails: due medium, got nothing"
        #expect(outcome.text.contains(words) == isTested, "\(outcome.text)")
      }
    }
  }

  @Test("a rule that its tests refused comes in when the tests are mended")
  func mendedTests() async throws {
    let tests = """
      rule: count
      markets: { btc: { Yes: "8031" } }
      tests: [{ name: every order counts, orders: "+0s 0xa1 BUY 1 @0.5 btc.Yes  #> medium" }]

      """
    _ = try await run(["count": Self.counting()], watches: true, { $0.reload.quiet = .milliseconds(5) }) {
      trial, run, send in
      try trial.workspace.write(tests, to: "rules/count.test.yaml")
      let before = run.status.version
      try write(trial, "count", Self.counting().replacing("param.int(1)", with: "param.int(2)"))
      try await LiveTrial.until("it is refused") { run.status.reload.rejections == 1 }
      #expect(run.status.version == before)
      try trial.workspace.write(tests.replacing("#> medium", with: ""), to: "rules/count.test.yaml")
      try await LiveTrial.until("it comes in") { run.status.reload.swaps == 1 }
      #expect(run.status.version != before && run.status.reload.rejection == nil)
    }
  }

  @Test("a window that reaches back further than the journal says that it is warming")
  func warming() async throws {
    let window = { (span: String) in
      TestRules.tenth.replacing("\"1h\"", with: "\"\(span)\"").replacing("% 10", with: "% 1")
    }
    let trial = try await run(["w": window("1h")]) { trial, run, send in
      try await send(3)
      try write(trial, "w", window("2h"))
      #expect(await run.reload().isDone)
      #expect(await run.statusText().contains("warming until"))
      try await send(1)
      // The same window moves, and is no warmer for it.
      try write(trial, "w", window("2h") + "-- edited\n")
      #expect(await run.reload().isDone)
      try await send(1)
    }
    let warming = trial.signals.withLock { $0.filter { $0.rule == "w" }.map(\.warming) }
    #expect(warming == [false, false, false, true, true])
    #expect(try trial.count("SELECT count(*) FROM rule_state WHERE warming_until > 0") == 1)
  }

  @Test("a journal that fails at the swap ends the run, and whoever waits for the reload hears of it")
  func journalFails() async throws {
    await #expect(throws: JournalError.self) {
      _ = try await run(["count": Self.counting()]) { trial, run, send in
        try await send(3)
        try Database(trial.journal).run("ALTER TABLE versions RENAME TO other")
        try write(trial, "count", Self.counting("-- edited"))
        let outcome = await run.reload()
        #expect(outcome.text.contains("the run is over"))
      }
    }
  }

  @Test("a reload that comes too late is answered")
  func late() async throws {
    let trial = try LiveTrial()
    let path = try trial.workspace.write(Line.flow(5).text, to: "flow.jsonl")
    let options = LiveOptions(
      journal: trial.journal, rules: trial.workspace.file("rules"), feeds: [LiveTrial.file(path)])
    let run = LiveRun(options, log: Logger(label: "test"))
    try await run.run()
    #expect(await run.reload().text.contains("the run is over"))
    #expect(await run.rollback().text.contains("the run is over"))
  }

  @Test("a reload of a run that is refused at its start is answered")
  func refusedStart() async throws {
    let trial = try LiveTrial(["bad": "nonsense"])
    let path = try trial.workspace.write(Line.flow(5).text, to: "flow.jsonl")
    let options = LiveOptions(
      journal: trial.journal, rules: trial.workspace.file("rules"), feeds: [LiveTrial.file(path)])
    let run = LiveRun(options, log: Logger(label: "test"))
    async let early = run.reload()
    await #expect(throws: LiveRun.Refusal.self) { try await run.run() }
    #expect(await early.text.contains("the run is over"))
  }

  @Test("refusals and restarts by the hundred do not cost what a rollback needs")
  func manyRefusals() async throws {
    let trial = try await run(["count": Self.counting()]) { trial, run, send in
      let first = run.status.version
      try write(trial, "count", Self.counting("-- edited"))
      #expect(await run.reload().isDone)
      for number in 0..<30 {
        try write(trial, "count", "nonsense \(number)")
        #expect(!(await run.reload().isDone))
      }
      #expect((await run.rollback()).version == first)
    }
    #expect(try trial.count("SELECT count(*) FROM reloads WHERE outcome = 'rejected'") == 30)
    // Refused versions on the disk do not bring back what was rolled back.
    var options = LiveOptions(journal: trial.journal, rules: trial.workspace.file("rules"), feeds: [])
    options.reload.watches = false
    options.feeds = [LiveTrial.file(try trial.workspace.write("", to: "empty.jsonl"))]
    let again = LiveRun(options, log: Logger(label: "test"))
    try await again.run()
    #expect(again.status.rules.map(\.rule) == ["count"])
  }

  @Test("what is held back does not come in with a restart either, and does when the hold is gone")
  func heldStart() async throws {
    let trial = try await run(["count": Self.counting()]) { _, _, send in try await send(2) }
    try trial.workspace.write("", to: "rules/.hold")
    try write(trial, "count", "half of it")
    unlink(trial.workspace.file("pipe"))
    let pipe = try LinePipe(trial.workspace)
    try await trial.run([LiveTrial.file(pipe.path)], { $0.ticks = false }) { run in
      try await LiveTrial.until("it runs") { !run.status.version.isEmpty }
      #expect(run.status.rules.map(\.rule) == ["count"])
      try write(trial, "count", Self.counting("-- whole"))
      unlink(trial.workspace.file("rules/.hold"))
      try await LiveTrial.until("it comes in") { run.status.reload.swaps == 1 }
    }
  }
}
