import TestSupport
import Pipeline
import Testing

/// `betterbot reload`, `betterbot rollback` and `betterbot resume`, which tell a running engine what to do.
@Suite(.timeLimit(.minutes(5))) struct ReloadCommandTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  @Test("without an engine nobody can be told: exit 4", arguments: ["reload", "rollback", "resume sweep"])
  func nobody(_ command: String) throws {
    let result = try Program.shell("BETTERBOT_DB=c.db $BB \(command)", in: workspace)
    #expect(result.code == 4 && result.output == "")
    #expect(result.errors == "betterbot: no engine is running on c.db\n")
  }

  @Test(
    "what the engine answers is printed: done on stdout with 0, refused on stderr with 1",
    arguments: [
      ("done\n5 rules run now\nsecond line\n", Int32(0), "5 rules run now\nsecond line\n", ""),
      ("done\n", 0, "", ""), ("refused\na.lua:1: no\nb.lua:2: no\n", 1, "", "a.lua:1: no\nb.lua:2: no\n"),
      ("refused\nbad \u{1B}[31mred\n", 1, "", "bad \\u{1b}[31mred\n"),
      (
        "unknown request: x; there are status\n", 4, "",
        "betterbot: the engine is of another version and does not know 'COMMAND': unknown request: x; there are "
          + "status\n"
      ), ("", 4, "", "betterbot: the engine is of another version and does not know 'COMMAND'\n"),
    ], ["reload", "rollback", "resume sweep"])
  func answers(_ answer: (text: String, code: Int32, output: String, errors: String), _ command: String)
    async throws
  {
    let path = ControlSocket.path(journal: workspace.file("a.db"))
    let (listening, signal) = AsyncStream<Void>.makeStream()
    let workspace = workspace
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        defer { signal.finish() }
        do {
          try await ControlSocket.serve(path: path, onListening: { signal.finish() }) { line in
            line == command ? Array(answer.text.utf8) : Array("done\nasked for \(line)\n".utf8)
          }
        } catch is CancellationError {
        }
      }
      for await _ in listening {}
      let result = try await offPool { try Program.shell("$BB \(command) --db a.db", in: workspace) }
      #expect(result.code == answer.code, "\(result)")
      #expect(result.output == answer.output)
      #expect(result.errors == answer.errors.replacing("COMMAND", with: command))
      group.cancelAll()
    }
  }

  @Test("a running engine is told to reload: it does, and it refuses what does not load and goes on")
  func reload() throws {
    let result = try Program.shell(
      """
      cp -rL rules own; mkfifo pipe
      $BB run --rules own --db a.db --feed file:pipe >out 2>err & run=$!; exec 3>pipe
      i=0; until $BB status --db a.db >status 2>/dev/null; do
        i=$((i+1)); [ $i -lt 200 ] || exit 98; sleep 0.1; done
      $BB reload --db a.db 2>&1; echo "code $?"
      echo 'return rule { title = "x" }' >own/new.lua
      $BB reload --db a.db 2>&1 >nothing; echo "code $?"; cat nothing
      kill -TERM $run; wait $run; echo "code $?"
      """, in: workspace)
    let lines = result.lines
    try #require(lines.count == 5, "\(result)")
    #expect(lines[0].contains("the rules are as they were") && lines[1] == "code 0", "\(result)")
    #expect(lines[2].contains("new.lua: the rule has no hook") && lines[3] == "code 1", "\(result)")
    #expect(lines[4] == "code 0")
  }
}
