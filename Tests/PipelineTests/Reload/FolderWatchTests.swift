import Logging
import RuleEngine
import Testing

@testable import Pipeline

@Suite(.timeLimit(.minutes(1))) struct FolderWatchTests {
  private let workspace: Workspace

  init() throws {
    workspace = try Workspace()
    try workspace.write("x", to: "rules/a.lua")
  }

  private func notices(inotify: Bool) -> AsyncStream<Void> {
    var options = FolderObserver.Options()
    options.usesInotify = inotify
    options.lookEvery = 5_000_000
    return FolderWatch.notices(of: workspace.file("rules"), options, log: Logger(label: "test"))
  }

  @Test("the first notice comes at once, further ones with changes", arguments: [true, false])
  func changes(inotify: Bool) async throws {
    var notices = notices(inotify: inotify).makeAsyncIterator()
    #expect(await notices.next() != nil)
    for round in 1...3 {
      try workspace.write(String(repeating: "x", count: round * 10), to: "rules/a.lua")
      #expect(await notices.next() != nil)
    }
  }

  @Test("changes that nobody has taken yet are one notice, and none is lost")
  func coalesced() async throws {
    var notices = notices(inotify: true).makeAsyncIterator()
    #expect(await notices.next() != nil)
    for round in 0..<100 { try workspace.write("", to: "rules/b\(round).lua") }
    var seen = try RuleFolder.read(workspace.file("rules")).rules.count - 1
    while seen < 100 {
      #expect(await notices.next() != nil)
      seen = try RuleFolder.read(workspace.file("rules")).rules.count - 1
    }
    #expect(seen == 100)
  }

  @Test("who is cancelled gets no more", arguments: [true, false])
  func cancelled(inotify: Bool) async throws {
    let notices = notices(inotify: inotify)
    let task = Task {
      var count = 0
      for await _ in notices { count += 1 }
      return count
    }
    task.cancel()
    #expect(await task.value <= 1)
  }
}
