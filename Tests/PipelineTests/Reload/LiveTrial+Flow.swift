import Glibc
import OrderFlow
import Synchronization
import Testing

@testable import Pipeline

extension LiveTrial {
  /// Runs orders of a pipe through the rules, from the one with number `first` on; `body` gets a way to send some
  /// and to wait until they are through.
  func flow(
    from first: Int = 0, watches: Bool = false, _ configure: (inout LiveOptions) -> Void = { _ in },
    _ body: (LiveRun, (Int) async throws -> Void) async throws -> Void
  ) async throws {
    unlink(workspace.file("pipe"))
    let pipe = try LinePipe(workspace)
    let flow = Line.flow(first + 100)
    try await run(
      [LiveTrial.file(pipe.path)],
      { options in
        options.ticks = false
        options.reload.watches = watches
        configure(&options)
      },
      { run in
        try await LiveTrial.until("it runs") { !run.status.version.isEmpty }
        var sent = 0
        try await body(run) { count in
          pipe.write(Array(flow[(first + sent)..<(first + sent + count)]))
          sent += count
          try await LiveTrial.until("\(sent) orders are there") { run.status.orders == UInt64(sent) }
        }
      })
  }

  /// Titles of the signals of a rule, in order.
  func titles(of rule: String) -> [String] {
    signals.withLock { $0.filter { $0.rule == rule }.map(\.title) }
  }

  /// Writes a rule's file as a whole: nobody reads it half done.
  func rename(_ text: String, over rule: String) throws {
    let beside = try workspace.write(text, to: "rules/.\(rule).new")
    #expect(Glibc.rename(beside, workspace.file("rules/\(rule).lua")) == 0)
  }

  /// What a rule's file holds; nil when there is none.
  func rule(_ name: String) -> String? {
    (try? RuleFolder.contents(workspace.file("rules/\(name).lua"))).map {
      String(decoding: $0, as: UTF8.self)
    }
  }
}
