import TestSupport
import Pipeline
import Testing

@Suite(.timeLimit(.minutes(5))) struct StatusTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  @Test(
    "without an engine status ends with 4 and says on which journal there is none",
    arguments: [
      ("$BB status", "betterbot.db"), ("$BB status --db a/b.db", "a/b.db"),
      ("BETTERBOT_DB=c.db $BB status --format json", "c.db"),
      ("echo 'db: d.db' >betterbot.yaml; $BB status", "d.db"),
      ("echo 'db: d.db' >x.yaml; $BB status --config x.yaml --db e.db", "e.db"),
    ])
  func nobody(_ line: String, _ journal: String) throws {
    let result = try Program.shell(line, in: workspace)
    #expect(result.code == 4)
    #expect(result.errors == "betterbot: no engine is running on \(journal)\n")
    #expect(result.output == "")
  }

  @Test("a configuration that is wrong ends with 3 and names the line")
  func wrongConfiguration() throws {
    let result = try Program.shell("printf 'db: a\\nruls: b\\n' >betterbot.yaml; $BB status", in: workspace)
    #expect(result.code == 3)
    #expect(result.errors == "betterbot: betterbot.yaml:2: unknown key ruls (did you mean 'rules'?)\n")
  }

  @Test(
    "an engine's answer is printed as it is", arguments: [("", "status"), ("--format json", "status json")])
  func answer(_ option: String, _ line: String) async throws {
    let path = ControlSocket.path(journal: workspace.file("a.db"))
    let (listening, signal) = AsyncStream<Void>.makeStream()
    let workspace = workspace
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        defer { signal.finish() }
        do {
          try await ControlSocket.serve(path: path, onListening: { signal.finish() }) {
            Array("answer to \($0)\n".utf8)
          }
        } catch is CancellationError {
        }
      }
      for await _ in listening {}
      let result = try await offPool { try Program.shell("$BB status --db a.db \(option)", in: workspace) }
      #expect(result.output == "answer to \(line)\n" && result.code == 0, "\(result.errors)")
      group.cancelAll()
    }
  }
}
