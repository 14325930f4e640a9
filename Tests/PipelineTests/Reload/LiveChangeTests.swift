import Broadcast
import Glibc
import Journal
import Logging
import RuleEngine
import Testing

@testable import Pipeline

// One run after another: each has threads of its own.
@Suite("Putting and removing rules from outside", .serialized)
struct LiveChangeTests {
  private static let header = "local R = rule { title = \"x\" }\n"

  private static func counting(_ text: String = "", version: Int = 1) -> String {
    """
    local R = rule { title = "count" }
    R.state_version = \(version)
    \(text)
    function R.on_order(o)
      state.n = (state.n or 0) + 1
      signal { title = "n " .. state.n }
    end
    return R
    """
  }

  private func put(_ run: LiveRun, _ rule: String, _ text: String) async -> RuleChange {
    await run.host.put(rule: rule, source: Array(text.utf8))
  }

  private func names(_ trial: LiveTrial) -> [String] {
    Workspace.names(in: trial.workspace.file("rules"))
  }

  @Test("a new rule and a changed one run at once and are on the disk; the same text again is nothing")
  func put() async throws {
    let trial = try LiveTrial(["count": Self.counting()])
    try await trial.flow { run, send in
      try await send(2)
      let before = run.status.version
      let new = await put(run, "other", TestRules.folding)
      #expect(new.kind == .done && new.version == run.status.version && new.version != before, "\(new)")
      #expect(new.text.contains("2 rules run now") && new.problems.isEmpty && new.warnings.isEmpty)
      let changed = await put(run, "count", Self.counting("-- edited"))
      #expect(changed.kind == .done && changed.version != new.version, "\(changed)")
      try await send(1)
      let same = await put(run, "count", Self.counting("-- edited"))
      #expect(same.kind == .unchanged && same.version == changed.version, "\(same)")
      #expect(await run.reload().kind == .unchanged)
      #expect((await run.host.rules()).rules.map(\.id) == ["count", "other"])
      #expect((await run.host.rules()).version == changed.version)
    }
    #expect(trial.titles(of: "count") == ["n 1", "n 2", "n 3"])
    #expect(trial.titles(of: "other").count == 1)
    #expect(trial.titles(of: "betterbot/reload").count == 2)
    #expect(trial.rule("count") == Self.counting("-- edited") && trial.rule("other") == TestRules.folding)
    #expect(names(trial) == ["count.lua", "other.lua"])
    let reader = try JournalReader(path: trial.journal)
    #expect(try reader.reloads(newest: 9).map(\.outcome) == ["running", "running", "started"])
  }

  /// What is wrong with a text, and what is said of it.
  static let bad: [(text: String, line: Int, message: String)] = [
    ("local R = rule {", 1, ""),
    (header + "function R.on_order(o) print(o.userr) end\nreturn R\n", 2, "[unknown-field]"),
    (header + "error('not today')\nreturn R\n", 2, "not today"),
    (
      "local R = rule { title = \"x\", listens = { \"nobody\" } }\nfunction R.on_signal(s) end\nreturn R\n",
      0, ""
    ),
    ("", 0, ""),
    (counting("function R.migrate() error('not yet') end", version: 2), 3, "not yet"),
  ]

  @Test("what does not pass changes nothing, and nobody but who asked hears of it", arguments: bad)
  func refused(bad: (text: String, line: Int, message: String)) async throws {
    let trial = try LiveTrial(["count": Self.counting()])
    try await trial.flow { run, send in
      try await send(2)
      let before = run.status.version
      let refusal = await put(run, "count", bad.text)
      #expect(refusal.kind == .refused && refusal.version == before, "\(refusal)")
      let problem = try #require(refusal.problems.first)
      #expect(problem.rule == "count" && problem.file == "count.lua", "\(problem)")
      #expect(!problem.message.isEmpty, "\(problem)")
      if !bad.message.isEmpty { #expect(problem.message.contains(bad.message), "\(problem)") }
      if bad.line > 0 { #expect(problem.line == bad.line, "\(problem)") }
      #expect(run.status.reload.rejections == 0 && run.status.reload.rejection == nil)
      #expect(run.status.version == before)
      try await send(1)
    }
    #expect(trial.rule("count") == Self.counting() && names(trial) == ["count.lua"])
    #expect(trial.titles(of: "count") == ["n 1", "n 2", "n 3"])
    #expect(trial.titles(of: "betterbot/reload") == [])
    #expect(try trial.count("SELECT count(*) FROM reloads") == 1)
  }

  @Test("warnings of the lint come with the answer")
  func warned() async throws {
    let trial = try LiveTrial(["count": Self.counting()])
    try await trial.flow { run, _ in
      let change = await put(
        run, "new", Self.header + "function R.on_order(o) local a = o.t end\nreturn R\n")
      #expect(change.kind == .done && change.warnings.contains { $0.contains("new.lua:2") }, "\(change)")
    }
  }

  private static let badIDs = [
    "", ".", "..", "../count", "/etc/passwd", "a/b", "a\\b", "a\0", "\0", "a.lua", ".hold", ".a", "A", "aB",
    "1a", "_a", "a-b", "a b", "ä", "a\n", "betterbot/reload", "lib/a", "a%2e",
    String(repeating: "a", count: 65),
    String(repeating: "a", count: 100_000), "con:", "a~", "4913", "#a#", "tables/x",
  ]

  @Test("what is no rule's id never touches the disk")
  func badID() async throws {
    let trial = try LiveTrial(["count": Self.counting()])
    try trial.workspace.write("", to: "a.lua")
    try await trial.flow { run, _ in
      let before = trial.workspace.names()
      for id in Self.badIDs {
        for change in [await put(run, id, Self.counting()), await run.host.remove(rule: id)] {
          #expect(change.kind == .refused && change.text.contains("is no rule's id"), "\(change)")
          #expect(change.text.utf8.count < 400 && !change.text.utf8.contains { $0 < 32 }, "\(change)")
        }
        #expect(await run.host.resume(rule: id).kind == .missing)
      }
      #expect(names(trial) == ["count.lua"] && trial.workspace.names() == before)
    }
  }

  @Test("the longest id is fine")
  func longID() async throws {
    let trial = try LiveTrial(["count": Self.counting()])
    let id = "a" + String(repeating: "_", count: 63)
    try await trial.flow { run, _ in #expect(await put(run, id, Self.counting()).kind == .done) }
    #expect(trial.rule(id) != nil)
  }

  @Test("what is too long, no text or no UTF-8 is refused with a reason")
  func badSource() async throws {
    let trial = try LiveTrial(["count": Self.counting()])
    try await trial.flow { run, _ in
      let sources: [([UInt8], String)] = [
        ([UInt8](repeating: 0x2D, count: RuleChange.longestSource + 1), "262144 bytes at most"),
        (Array("-- \0\n".utf8), "NUL"), ([0x2D, 0x2D, 0xFF], "not UTF-8"), ([0xED, 0xA0, 0x80], "not UTF-8"),
      ]
      for (source, message) in sources {
        let change = await run.host.put(rule: "new", source: source)
        #expect(
          change.kind == .refused && change.problems.first?.message.contains(message) == true, "\(change)")
        #expect(change.problems.first?.file == "new.lua")
      }
      let comment =
        "--" + String(repeating: "x", count: RuleChange.longestSource - Self.counting().utf8.count - 3)
      let longest = await put(run, "new", comment + "\n" + Self.counting())
      #expect(longest.kind == .done, "\(longest.text)")
    }
    #expect(names(trial) == ["count.lua", "new.lua"])
  }

  @Test("a removed rule is gone from the disk and the run; back within a day it finds its state")
  func remove() async throws {
    let trial = try LiveTrial(["count": Self.counting(), "other": TestRules.folding])
    try await trial.flow { run, send in
      try await send(2)
      let gone = await run.host.remove(rule: "count")
      #expect(gone.kind == .done && gone.text.contains("1 rule runs now"), "\(gone)")
      #expect(names(trial) == ["other.lua"])
      try await send(1)
      #expect(await run.host.remove(rule: "count").kind == .missing)
      #expect(await put(run, "count", Self.counting()).kind == .done)
      try await send(1)
    }
    #expect(trial.titles(of: "count") == ["n 1", "n 2", "n 3"])
  }

  @Test("a rule that another hears, and the last one, cannot be removed", arguments: [false, true])
  func removeRefused(isPartial: Bool) async throws {
    let listener = """
      local R = rule { title = "hears", listens = { "count" } }
      function R.on_signal(s) signal { title = s.title } end
      return R
      """
    let trial = try LiveTrial(["count": Self.counting(), "hears": listener])
    try await trial.flow({ $0.reload.isPartial = isPartial }) { run, send in
      let heard = await run.host.remove(rule: "count")
      #expect(heard.kind == .refused, "\(heard)")
      #expect(heard.problems.first?.rule == "hears" && heard.text.contains("'count', which is no rule"))
      #expect(names(trial) == ["count.lua", "hears.lua"])
      #expect(await run.host.remove(rule: "hears").kind == .done)
      let last = await run.host.remove(rule: "count")
      #expect(last.kind == .refused && last.text.contains("count is the last rule"), "\(last)")
      try await send(1)
    }
    #expect(names(trial) == ["count.lua"] && trial.titles(of: "count") == ["n 1"])
  }

  @Test("a link is not written through")
  func link() async throws {
    let trial = try LiveTrial(["count": Self.counting()])
    try trial.workspace.write(TestRules.folding, to: "elsewhere.lua")
    trial.workspace.symlink("../elsewhere.lua", "rules/linked.lua")
    try await trial.flow { run, _ in
      for change in [await put(run, "linked", TestRules.big), await run.host.remove(rule: "linked")] {
        #expect(change.kind == .refused && change.text.contains("linked.lua is a link"), "\(change)")
      }
    }
    #expect(trial.rule("linked") == TestRules.folding)
    #expect(names(trial) == ["count.lua", "linked.lua"])
  }

  @Test("where nothing can be written the run goes on and says why")
  func unwritable() async throws {
    let trial = try LiveTrial(["count": Self.counting()])
    let obstacle = trial.workspace.file("rules/.new.lua.\(getpid()).tmp")
    mkdir(obstacle, 0o755)
    try await trial.flow { run, send in
      let before = run.status.version
      let change = await put(run, "new", TestRules.folding)
      #expect(change.kind == .failed && change.text.contains("cannot write into"), "\(change)")
      #expect(run.status.version == before)
      rmdir(obstacle)
      #expect(names(trial) == ["count.lua"])
      #expect(await put(run, "new", TestRules.folding).kind == .done)
      try await send(1)
    }
    #expect(trial.titles(of: "betterbot/reload").count == 1)
  }

  @Test(
    "a full disk and one that is read-only change nothing, and nothing of a file is left",
    .enabled(if: LiveRunTests.canMount, "skipped: mounting a small disk needs root"))
  func smallDisk() async throws {
    let trial = try LiveTrial([:])
    let disk = trial.workspace.file("rules")
    mkdir(disk, 0o755)
    try #require(mount("none", disk, "tmpfs", 0, "size=64k") == 0)
    defer { umount2(disk, Int32(MNT_DETACH)) }
    try trial.workspace.write(Self.counting(), to: "rules/count.lua")
    try await trial.flow { run, send in
      let before = run.status.version
      let long = "--" + String(repeating: "x", count: 200_000) + "\n" + Self.counting()
      for rule in ["count", "new"] {
        let change = await put(run, rule, long)
        #expect(change.kind == .failed && change.text.contains("No space left"), "\(change.text)")
      }
      try #require(mount("none", disk, "tmpfs", UInt(MS_REMOUNT | MS_RDONLY), "size=64k") == 0)
      let changes = [await put(run, "new", TestRules.folding), await put(run, "count", TestRules.folding)]
      for change in changes {
        #expect(change.kind == .failed && change.text.contains("Read-only"), "\(change.text)")
      }
      #expect(await put(run, "count", Self.counting()).kind == .unchanged)
      #expect(names(trial) == ["count.lua"] && trial.rule("count") == Self.counting())
      try await send(1)
      #expect(run.status.version == before && run.status.reload.rejections == 0)
    }
    #expect(trial.titles(of: "count") == ["n 1"])
  }

  @Test("while .hold is there others are at work: nothing is changed, but a reload can be asked for")
  func held() async throws {
    let trial = try LiveTrial(["count": Self.counting()])
    try await trial.flow { run, _ in
      try trial.workspace.write("", to: "rules/.hold")
      let change = await put(run, "new", TestRules.folding)
      #expect(change.kind == .refused && change.text.contains(".hold"), "\(change)")
      #expect(await run.host.remove(rule: "count").kind == .refused)
      #expect(names(trial) == [".hold", "count.lua"])
      #expect(await run.host.reload().kind == .unchanged)
      unlink(trial.workspace.file("rules/.hold"))
      #expect(await put(run, "new", TestRules.folding).kind == .done)
    }
  }

  @Test("a change builds on the folder: what was rolled back comes in with it, and that is said")
  func rolledBack() async throws {
    let trial = try LiveTrial(["count": Self.counting()])
    try await trial.flow { run, _ in
      #expect(await put(run, "other", TestRules.folding).kind == .done)
      #expect(await run.rollback().kind == .rolledBack)
      #expect(run.status.rules.map(\.rule) == ["count"])
      let change = await put(run, "big", TestRules.big)
      #expect(
        change.kind == .done && change.warnings.contains { $0.contains("came in with it") }, "\(change)")
      #expect(run.status.rules.map(\.rule) == ["big", "count", "other"])
      #expect(await run.rollback().kind == .rolledBack)
      // What is there already is asked for all the same.
      let again = await put(run, "other", TestRules.folding)
      #expect(again.kind == .done && run.status.rules.count == 3, "\(again)")
    }
  }

  @Test("another's broken file stops a change, and with reload.partial does not", arguments: [false, true])
  func othersBroken(isPartial: Bool) async throws {
    let trial = try LiveTrial(["count": Self.counting()])
    try await trial.flow({ $0.reload.isPartial = isPartial }) { run, _ in
      try trial.workspace.write("nonsense", to: "rules/broken.lua")
      let change = await put(run, "new", TestRules.folding)
      #expect(change.kind == (isPartial ? .done : .refused), "\(change)")
      #expect(change.problems.first?.file == "broken.lua")
      #expect((trial.rule("new") != nil) == isPartial)
      let bad = await put(run, "new", "nonsense")
      #expect(bad.kind == .refused && bad.problems.contains { $0.file == "new.lua" }, "\(bad)")
      #expect(trial.rule("new") == (isPartial ? TestRules.folding : nil))
    }
  }

  @Test("putting back the text that runs mends a file that somebody broke on the disk")
  func mended() async throws {
    let trial = try LiveTrial(["count": Self.counting()])
    try await trial.flow { run, _ in
      try trial.workspace.write("nonsense", to: "rules/count.lua")
      #expect(await run.host.reload().kind == .refused)
      let change = await put(run, "count", Self.counting())
      #expect(change.kind == .done, "\(change)")
      #expect(trial.rule("count") == Self.counting() && run.status.reload.rejection == nil)
    }
  }

  @Test("what is refused when it is on the disk already is put back as it was")
  func takenBack() async throws {
    let trial = try LiveTrial(["count": Self.counting()])
    try await trial.flow { run, send in
      try await send(1)
      let board = LiveBoard(feeds: [])
      let before = try RuleFolder.read(trial.workspace.file("rules"))
      let change = RuleFileChange(rule: "count", source: Array(Self.counting("-- edited").utf8))
      let outline = try Engine(before).outline
      // An engine that declines everything: as one that ends between the write and the swap.
      board.end()
      let attempt = ReloadAttempt(
        journal: trial.journal, board: board, wake: {}, tests: nil, isPartial: false, isOver: { false })
      let result = attempt.run(
        change.applied(to: before), over: RunningRules(sources: before, outline: outline),
        with: PlannedChange(change, in: trial.workspace.file("rules"), holding: before))
      guard case .takenBack = result.change else {
        Issue.record("\(result.change)")
        return
      }
      let answer = RuleChange(result, of: change, running: before.version)
      #expect(answer.kind == .failed && answer.text.contains("count.lua is as it was before"), "\(answer)")
      #expect(trial.rule("count") == Self.counting())
      #expect(await run.reload().kind == .unchanged)
    }
  }

  @Test("with the watch on, a change is one attempt and no second", arguments: [false, true])
  func watched(isPartial: Bool) async throws {
    let trial = try LiveTrial(["count": Self.counting()])
    let refused: UInt64 = isPartial ? 1 : 0
    let configure = { (options: inout LiveOptions) in
      options.reload.quiet = .milliseconds(20)
      options.reload.isPartial = isPartial
    }
    try await trial.flow(watches: true, configure) { run, _ in
      if isPartial {
        try trial.rename("nonsense", over: "broken")
        try await LiveTrial.until("it is refused") { run.status.reload.rejections == 1 }
      }
      for number in 0..<5 { #expect(await put(run, "count", Self.counting("-- \(number)")).kind == .done) }
      // Something else is noticed, which is behind all of that.
      try trial.rename(TestRules.folding, over: "other")
      try await LiveTrial.until("it comes in") { run.status.reload.swaps >= 6 }
      #expect(run.status.reload.swaps == 6 && run.status.reload.rejections == refused)
    }
    #expect(try trial.count("SELECT count(*) FROM reloads") == 7 + Int(refused))
  }

  @Test("who changes a run that is over or never was is answered")
  func over() async throws {
    let trial = try LiveTrial(["bad": "nonsense"])
    let path = try trial.workspace.write(Line.flow(5).text, to: "flow.jsonl")
    for folder in ["rules", "none"] {
      let options = LiveOptions(
        journal: trial.journal, rules: trial.workspace.file(folder), feeds: [LiveTrial.file(path)])
      let run = LiveRun(options, log: Logger(label: "test"))
      #expect(await run.host.troubles() == ["the engine has not started yet"])
      async let early = put(run, "new", TestRules.folding)
      async let edit: Void = run.host.edit { _ in }
      async let resume = run.host.resume(rule: "bad")
      await #expect(throws: LiveRun.Refusal.self) { try await run.run() }
      #expect(await early.kind == .failed)
      #expect(await resume.kind == .failed)
      do {
        try await edit
        Issue.record("nobody has a journal")
      } catch {
        #expect(error as? EditFailure == EditFailure("the run is over", isTransient: false))
      }
      #expect(await run.host.troubles() == ["the run is over"])
      #expect(await run.host.reload().kind == .failed)
      #expect(await run.host.remove(rule: "bad").kind == .failed)
    }
    #expect(names(trial) == ["bad.lua"])
  }
}
