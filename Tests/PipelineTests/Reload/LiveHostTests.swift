import Broadcast
import Feeds
import Glibc
import Journal
import Logging
import RuleEngine
import Synchronization
import Testing

@testable import Pipeline

@Suite("What a server asks of a live run", .serialized)
struct LiveHostTests {
  @Test("the status is that of the control socket, and says at once what is on the disk when that runs")
  func status() async throws {
    let trial = try LiveTrial(["big": TestRules.folding])
    try await trial.flow { run, send in
      try await send(3)
      let host = run.host
      let json = String(decoding: await host.statusJSON(), as: UTF8.self)
      #expect(json.contains("\"version\":\"\(run.status.version)\"") && json.contains("\"orders\":3"))
      #expect(json.contains("\"equal\":true"))
      // Within the second the folder is not read again, unless another version runs.
      try trial.workspace.write(TestRules.folding, to: "rules/other.lua")
      #expect(await host.reload().kind == .done)
      let later = String(decoding: await host.statusJSON(), as: UTF8.self)
      #expect(later.contains("\"version\":\"\(run.status.version)\"") && later.contains("\"equal\":true"))
      #expect(await host.troubles() == [])
      let (version, rules) = await host.rules()
      #expect(version == run.status.version && rules.map(\.id) == ["big", "other"])
      #expect(rules[0].calls > 0 && rules[0].memoryPeak > 0 && !rules[0].isQuarantined)
    }
  }

  @Test("however many ask for the status, the folder is read once a second at most")
  func lookedAtOnce() async throws {
    let trial = try LiveTrial()
    let look = DiskLook(LiveOptions(journal: "", rules: trial.workspace.file("rules"), feeds: []))
    let first = try #require(await look.version(running: "a"))
    let began = MonotonicClock.now()
    try trial.workspace.write(TestRules.folding, to: "rules/other.lua")
    let found = await withTaskGroup(of: String?.self) { group in
      for _ in 0..<50 { group.addTask { await look.version(running: "a") } }
      return await group.reduce(into: Set<String?>()) { $0.insert($1) }
    }
    // On a machine that was away for that long a second reading is right.
    if MonotonicClock.now() - began < 500_000_000 { #expect(found == [first]) }
    #expect(await look.version(running: "b") != first)
    trial.workspace.move("rules", "away")
    #expect(await look.version(running: "c") == nil)
  }

  @Test("a feed that failed is a trouble, and so is a disk that takes nothing; then nothing is begun")
  func troubles() async throws {
    let trial = try LiveTrial()
    var options = LiveOptions(journal: trial.journal, rules: trial.workspace.file("rules"), feeds: [])
    options.feeds = [LiveTrial.file(trial.workspace.file("none"))]
    let board = LiveBoard(feeds: [FeedBoard(source: 1, settings: options.feeds[0])])
    let log = Logger(label: "test")
    let reloader = Reloader(options, board, log, wakeEngine: {}, onChange: { _ in })
    let host = LiveHost(options, board, reloader, wakeEngine: {})
    #expect(await host.troubles() == ["the engine has not started yet"])
    board.update { $0.version = "v" }
    #expect(await host.troubles() == [])
    board.feeds[0].update { status in
      status.state = .failed
      status.lastError = "gone"
    }
    #expect(await host.troubles() == ["feed file failed: gone"])
    board.noteDisk("the disk is full")
    #expect(await host.troubles() == ["nothing can be stored: the disk is full", "feed file failed: gone"])
    let changes = [
      await host.reload(), await host.put(rule: "new", source: []), await host.remove(rule: "big"),
      await host.resume(rule: "big"),
    ]
    for change in changes { #expect(change.kind == .failed && change.text.contains("the disk is full")) }
    await #expect(throws: EditFailure("nothing can be stored: the disk is full", isTransient: true)) {
      try await host.edit { _ in }
    }
    board.end()
    #expect(await host.troubles() == ["the run is over"])
  }

  @Test("an edit is committed when it returns, and one that fails is undone and said")
  func edits() async throws {
    let trial = try LiveTrial()
    try await trial.flow { run, send in
      try await run.host.edit { journal throws(JournalError) in try journal.setMeta("note", "kept") }
      #expect(try trial.count("SELECT count(*) FROM meta WHERE key = 'note' AND value = 'kept'") == 1)
      let failure = await #expect(throws: EditFailure.self) {
        try await run.host.edit { journal throws(JournalError) in
          try journal.setMeta("other", "lost")
          throw JournalError(code: .misuse, file: "x.db", message: "no")
        }
      }
      #expect(failure?.isTransient == false && failure?.description.contains("no") == true)
      try await send(1)
    }
    #expect(try trial.count("SELECT count(*) FROM meta WHERE key = 'other'") == 0)
  }

  /// Puts eight texts, every fourth a bad one; returns how many of them were not taken.
  private static func putSome(_ host: LiveHost, _ client: Int) async -> Int {
    var refused = 0
    for number in 0..<8 {
      let text = number % 4 == 3 ? "nonsense" : rule(client * 100 + number)
      let change = await host.put(rule: "own_\(client % 3)", source: Array(text.utf8))
      if change.kind == .refused || change.kind == .failed { refused += 1 }
    }
    return refused
  }

  private static func rule(_ number: Int) -> String { TestRules.folding + "-- \(number)\n" }

  @Test(
    "puts, removals, reloads and edits of the folder at once: all answered, and what is there in the end runs"
  )
  func together() async throws {
    let trial = try LiveTrial(["base": Self.rule(0)])
    var refused = 0
    try await trial.flow(watches: true, { $0.reload.quiet = .milliseconds(5) }) { run, send in
      let host = run.host
      refused = await withTaskGroup(of: Int.self) { group in
        for client in 0..<4 { group.addTask { await Self.putSome(host, client) } }
        group.addTask {
          for _ in 0..<8 { _ = await host.remove(rule: "own_1") }
          return 0
        }
        group.addTask {
          for _ in 0..<8 { _ = await host.reload() }
          return 0
        }
        group.addTask {
          for number in 0..<8 {
            #expect(throws: Never.self) { try trial.rename(Self.rule(1000 + number), over: "edited") }
            await Task.yield()
          }
          return 0
        }
        for _ in 0..<5 { try? await send(2) }
        return await group.reduce(0, +)
      }
      try await LiveTrial.until("what is there runs") {
        (try? RuleFolder.read(trial.workspace.file("rules")))?.version == run.status.version
      }
    }
    #expect(refused >= 8)
    let names = Workspace.names(in: trial.workspace.file("rules"))
    #expect(names.allSatisfy { !$0.hasPrefix(".") } && names.contains("edited.lua"), "\(names)")
  }
}
