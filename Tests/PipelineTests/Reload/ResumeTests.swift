import Broadcast
import Glibc
import Journal
import Logging
import OrderFlow
import RuleEngine
import Testing

@testable import Pipeline

@Suite("A quarantined rule that is called again", .serialized)
struct ResumeTests {
  /// Fails the first so many times it is called, in that way, and then counts.
  private static func failing(_ times: Int, _ way: String) -> String {
    """
    local R = rule { title = "failing" }
    function R.on_order(o)
      state.n = (state.n or 0) + 1
      if state.n <= \(times) then \(way) end
      signal { title = "n " .. state.n }
    end
    return R
    """
  }

  /// Counts what it hears.
  private static let hearing = """
    local R = rule { title = "hearing", listens = { "failing", "count" } }
    function R.on_signal(s)
      state.n = (state.n or 0) + 1
      signal { title = "heard " .. state.n }
    end
    return R
    """

  private static let counting = """
    local R = rule { title = "count" }
    function R.on_order(o)
      state.n = (state.n or 0) + 1
      signal { title = "n " .. state.n }
    end
    return R
    """

  private static let error = "error('oh')"
  private static let loop = "while true do end"

  /// A folder with what is on the disk of a run at this moment, as if it had been killed.
  private func crashed(_ trial: LiveTrial) throws -> LiveTrial {
    let copy = try LiveTrial([:])
    for name in Workspace.names(in: trial.workspace.file("rules")) {
      try copy.workspace.write(
        RuleFolder.contents(trial.workspace.file("rules/" + name)), to: "rules/" + name)
    }
    for name in ["live.db-wal", "live.db"] {
      try copy.workspace.write(RuleFolder.contents(trial.workspace.file(name)), to: name)
    }
    return copy
  }

  private func isQuarantined(_ run: LiveRun, _ rule: String = "failing") -> Bool? {
    run.status.rules.first { $0.rule == rule }?.isQuarantined
  }

  private static func quick(_ options: inout LiveOptions) {
    options.engine.limits.callMilliseconds = 5
  }

  @Test(
    "is called from the next event on, also by a run that begins after a crash right behind it",
    arguments: [error, loop], [1, 4])
  func resumed(way: String, threads: Int) async throws {
    let trial = try LiveTrial([
      "failing": Self.failing(5, way), "count": Self.counting, "hearing": Self.hearing,
      "big": TestRules.big, "other": TestRules.folding,
    ])
    var copies: [LiveTrial] = []
    let configure = { (options: inout LiveOptions) in
      Self.quick(&options)
      options.engine.threads = threads
    }
    try await trial.flow(configure) { run, send in
      try await send(6)
      try await send(1)
      try await LiveTrial.until("it is quarantined") { isQuarantined(run) == true }
      let before = run.status.version
      let change = await run.host.resume(rule: "failing")
      #expect(change.kind == .done && change.version == before, "\(change)")
      #expect((await run.host.rules()).rules.first { $0.id == "failing" }?.isQuarantined == false)
      copies.append(try crashed(trial))
      #expect(await run.host.resume(rule: "failing").kind == .unchanged)
      #expect(await run.host.resume(rule: "count").kind == .unchanged)
      #expect(await run.host.resume(rule: "nobody").kind == .missing)
      try await send(2)
      copies.append(try crashed(trial))
    }
    #expect(trial.titles(of: "failing") == ["n 6", "n 7"])
    for (place, copy) in copies.enumerated() {
      try await copy.flow(from: 7 + place * 2, configure) { run, send in
        #expect(isQuarantined(run) == false)
        try await send(2)
        #expect(isQuarantined(run) == false)
      }
      #expect(copy.titles(of: "failing") == (place == 0 ? ["n 6", "n 7"] : ["n 8", "n 9"]))
      // Each order is a signal of `count`, which is heard, and those of `failing` are heard too.
      let heard = copy.titles(of: "hearing")
      #expect(
        heard
          == (place == 0 ? ["heard 8", "heard 9", "heard 10", "heard 11"] : (12...15).map { "heard \($0)" }))
      let rows = try JournalReader(path: copy.journal).reloads(newest: 9).filter { $0.outcome == "resumed" }
      #expect(rows.map(\.reason) == ["failing"] && rows.map(\.seq) == [7])
    }
  }

  @Test("is quarantined anew when it fails on, and stays that over a restart")
  func again() async throws {
    let trial = try LiveTrial(["failing": Self.failing(10, Self.loop), "count": Self.counting])
    var copy: LiveTrial?
    try await trial.flow(Self.quick) { run, send in
      try await send(6)
      #expect(await run.host.resume(rule: "failing").kind == .done)
      try await send(4)
      #expect(isQuarantined(run) == false)
      try await send(1)
      try await LiveTrial.until("it is quarantined") { isQuarantined(run) == true }
      copy = try crashed(trial)
      #expect(await run.host.resume(rule: "failing").kind == .done)
      try await send(1)
    }
    #expect(trial.titles(of: "failing") == ["n 11"])
    #expect(trial.titles(of: "betterbot/quarantine").count == 2)
    try await #require(copy).flow(from: 11, Self.quick) { run, send in
      try await LiveTrial.until("it is quarantined") { isQuarantined(run) == true }
      try await send(1)
    }
    #expect(copy?.titles(of: "failing") == [])
  }

  @Test("a rule whose state cannot be kept stays in quarantine, and it is said why")
  func unkept() async throws {
    let text = """
      local R = rule { title = "failing" }
      function R.on_order(o) state.f = function() end error("oh") end
      return R
      """
    let trial = try LiveTrial(["failing": text])
    try await trial.flow { run, send in
      try await send(6)
      let change = await run.host.resume(rule: "failing")
      #expect(change.kind == .refused && change.text.contains("stays in quarantine"), "\(change)")
      try await LiveTrial.until("it is quarantined") { isQuarantined(run) == true }
    }
  }

  @Test("what was rolled back stays that over a resume and a restart")
  func rolledBack() async throws {
    let trial = try LiveTrial(["failing": Self.failing(5, Self.error)])
    try await trial.flow { run, send in
      try trial.workspace.write(TestRules.folding, to: "rules/other.lua")
      #expect(await run.reload().isDone)
      #expect(await run.rollback().kind == .rolledBack)
      try await send(5)
      #expect(await run.host.resume(rule: "failing").kind == .done)
    }
    try await trial.flow(from: 5) { run, send in
      #expect(run.status.rules.map(\.rule) == ["failing"])
      try await send(1)
      #expect(await run.rollback().kind == .rolledBack)
      #expect(run.status.rules.map(\.rule) == ["failing", "other"])
    }
    #expect(trial.titles(of: "failing") == ["n 6"])
  }

  @Test("why runs it again as it went: past the quarantine")
  func explained() async throws {
    let trial = try LiveTrial(["failing": Self.failing(5, Self.error)])
    try await trial.flow { run, send in
      try await send(6)
      #expect(await run.host.resume(rule: "failing").kind == .done)
      try await send(2)
    }
    let reader = try JournalReader(path: trial.journal)
    #expect(try reader.resumptions(before: 7).map(\.seq) == [6])
    #expect(try reader.resumptions(before: 6).isEmpty)
    let sources = try RuleFolder.read(trial.workspace.file("rules"))
    let source = InstrumentedSource(text: sources.rules[0].source, probe: "probe")
    for (seq, titles) in [(6, []), (7, ["n 6"]), (8, ["n 7"])] as [(Int64, [String])] {
      let rerun = try EventRerun(
        reader, sources: sources, rule: "failing", seq: seq, source: source, hasMemory: true)
      let outcome = try rerun.run()
      #expect(outcome.signals.map(\.title) == titles)
      #expect(outcome.trace.isQuarantined == (seq == 6))
    }
  }

  @Test("the control socket knows it")
  func socket() async throws {
    let trial = try LiveTrial(["failing": Self.failing(5, Self.error)])
    let path = trial.workspace.file("s")
    try await trial.flow({ $0.controlSocket = path }) { run, send in
      try await send(5)
      try await LiveTrial.until("it listens") { access(path, F_OK) == 0 }
      func ask(_ line: String) async throws -> String {
        let answer = await OwnThread.run { Result { try ControlSocket.ask(path: path, line: line) } }
        return String(decoding: try answer.get(), as: UTF8.self)
      }
      #expect(try await ask("resume failing") == "done\nrule failing is called again\n")
      #expect(try await ask("resume failing") == "done\nrule failing is not quarantined\n")
      #expect(try await ask("resume no such rule") == "refused\nthere is no rule no such rule\n")
      #expect(try await ask("resume").hasPrefix("unknown request: resume; there are status"))
      try await send(1)
    }
    #expect(trial.titles(of: "failing") == ["n 6"])
  }
}
