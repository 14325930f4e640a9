import Glibc
import Pipeline
import TestSupport
import Testing

/// `betterbot token`, with and without an engine.
@Suite(.timeLimit(.minutes(5))) struct TokenCommandTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  @Test("create prints the token alone, list shows it without its secret, and revoke ends it")
  func life() throws {
    let created = try Program.shell(
      "$BB token create ci --role operator --expires 30d --db a.db", in: workspace)
    #expect(created.code == 0, "\(created.errors)")
    let match = try #require(created.output.wholeMatch(of: /(bb_([a-z2-7]{8})_([A-Za-z0-9_-]{43}))\n/))
    let (id, secret) = (String(match.2), String(match.3))
    #expect(created.errors.contains("token \(id) (ci, operator) expires 20"))
    #expect(created.errors.contains("shown this once") && !created.errors.contains(secret))

    let listed = try Program.shell("$BB token list --db a.db", in: workspace)
    #expect(listed.code == 0 && listed.lines.count == 2, "\(listed)")
    #expect(listed.lines[0].hasPrefix("ID ") && listed.lines[1].hasPrefix("\(id)  ci    operator  20"))
    #expect(listed.lines[1].hasSuffix("live") && !listed.output.contains(secret))

    let again = try Program.shell("$BB token create ci --role viewer --db a.db", in: workspace)
    #expect(again.code == 1 && again.output == "")
    #expect(again.errors.contains("there is a token named ci already"))

    // The whole token names itself too.
    let revoked = try Program.shell("$BB token revoke \(match.1) --db a.db", in: workspace)
    #expect(revoked.output == "token \(id) (ci, operator) is revoked\n" && revoked.code == 0, "\(revoked)")
    let twice = try Program.shell("$BB token revoke \(id) --db a.db", in: workspace)
    #expect(twice.code == 1 && twice.errors == "betterbot: token \(id) has been revoked before\n")
    #expect(try Program.shell("$BB token list --db a.db", in: workspace).output.contains("revoked 20"))
    #expect(try Program.shell("$BB token create ci --role viewer --db a.db", in: workspace).code == 0)
    let files = try Program.shell("cat a.db* | grep -c -a -e \(secret); stat -c %a a.db; ls", in: workspace)
    #expect(files.lines.prefix(2) == ["0", "600"], "\(files)")
  }

  @Test(
    "bad usage ends with 3, prints nothing and makes no journal",
    arguments: [
      ("token create", "Missing expected argument"), ("token create a", "'--role <role>'"),
      ("token create 'a b' --role viewer", "a token's name is"),
      ("token create bb_x --role viewer", "a token's name is"),
      ("token create a --role root", "--role is viewer, operator or admin"),
      ("token create a --role viewer --expires 0d", "--expires is"),
      ("token create a --role viewer --expires 400d", "--expires is"),
      ("token create a --role viewer --expires 2020-01-01", "--expires is"),
      ("token create a --role viewer --expires tomorrow", "--expires is"),
      ("token create a --role viewer --expires 2027-02-30", "--expires is"),
      ("token create a --role viewer --db missing/a.db", "missing/a.db: there is no such file"),
      ("token list --db none.db", "none.db: there is no such file"),
      ("token list --db rules/sweep.lua", "is no SQLite database"),
      ("token revoke", "Missing expected argument"), ("token revoke '../x'", "name a token by its id"),
      ("token revoke a --db none.db", "none.db: there is no such file"),
    ])
  func badUsage(_ line: String, _ expected: String) throws {
    let result = try Program.shell("$BB \(line)", in: workspace)
    #expect(result.code == 3 && result.output == "", "\(result)")
    #expect(result.errors.contains(expected), "\(result.errors)")
    #expect(try Program.shell("ls *.db", in: workspace).output == "")
  }

  @Test("the configuration says which journal, and an empty list says so")
  func configuration() throws {
    let result = try Program.shell(
      """
      echo 'db: c.db' >x.yaml
      T=$($BB token create a --role viewer --config x.yaml 2>err) && $BB token list --config x.yaml | tail -n 1
      $BB token revoke nobody --config x.yaml 2>&1; echo "code $?"
      $BB replay --db e.db - </dev/null >out 2>&1; $BB token list --db e.db; ls *.db
      """, in: workspace)
    #expect(result.lines.count == 6 && result.lines[0].contains("  a     viewer  20"), "\(result)")
    #expect(result.lines[1] == "betterbot: there is no token nobody; betterbot token list shows them")
    #expect(result.lines.dropFirst(2) == ["code 1", "no tokens", "c.db", "e.db"])
  }

  @Test("while an engine runs it makes the change, and no secret reaches it or its log")
  func running() throws {
    let result = try Program.shell(
      """
      cp -rL rules own; mkfifo pipe
      $BB run --rules own --db a.db --feed file:pipe >out 2>err & run=$!; exec 3>pipe
      i=0; until $BB status --db a.db >status 2>/dev/null; do
        i=$((i+1)); [ $i -lt 200 ] || exit 98; sleep 0.1; done
      T=$($BB token create ci --role admin --db a.db 2>/dev/null); echo "code $?"
      $BB token create ci --role admin --db a.db 2>/dev/null; echo "code $?"
      $BB token revoke ci --db a.db | sed 's/[a-z2-7]\\{8\\} /ID /'
      $BB token list --db a.db | tail -n 1 | sed 's/ 20.*revoked.*/ revoked/;s/^[a-z2-7]*/ID/'
      S=${T#bb_????????_}; echo "${#S}"
      cat a.db a.db-wal out err status | grep -c -a -e "$S"
      kill -TERM $run; wait $run; echo "code $?"
      """, in: workspace)
    #expect(
      result.lines == [
        "code 0", "code 1", "token ID (ci, admin) is revoked", "ID  ci    admin  revoked", "43", "0",
        "code 0",
      ], "\(result)")
  }

  @Test("an engine that does not know of tokens ends it with 4, and no token is shown")
  func otherVersion() async throws {
    let path = ControlSocket.path(journal: workspace.file("a.db"))
    let (listening, signal) = AsyncStream<Void>.makeStream()
    let workspace = workspace
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        defer { signal.finish() }
        do {
          try await ControlSocket.serve(path: path, onListening: { signal.finish() }) { _ in
            Array("unknown request: token; there are status\n".utf8)
          }
        } catch is CancellationError {
        }
      }
      for await _ in listening {}
      let result = try await offPool {
        try Program.shell("$BB token create a --role viewer --db a.db", in: workspace)
      }
      #expect(result.code == 4 && result.output == "", "\(result)")
      #expect(result.errors.contains("the engine is of another version"))
      group.cancelAll()
    }
  }
}
