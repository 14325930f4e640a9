import TestSupport
import Testing

/// A live run that is killed again and again, by `Tests/Crash`; `make crash` does it a hundred times.
@Suite(
  .serialized, .timeLimit(.minutes(5)),
  .enabled(if: Program.has("python3"), "skipped: python3 is not installed"))
struct CrashTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  /// The code is 0 when nothing is lost and nothing twice, 1 when something is, 2 when there was no test.
  private func crash(_ options: [String], _ program: String) async throws -> Program.Result {
    let words = ["python3", Program.root + "/Tests/Crash/crash.py"] + options + [program]
    let workspace = workspace
    return try await offPool {
      try Program.shell(words.map(Program.quoted).joined(separator: " "), in: workspace)
    }
  }

  @Test("whenever it is killed, a run goes on where it was: nothing is lost, twice or different")
  func killed() async throws {
    let result = try await crash(["--kills", "6", "--pace", "5"], Program.path)
    #expect(result.code == 0, "\(result.output)\(result.errors)")
    #expect(result.output.hasPrefix("6 kills "))
    #expect(result.output.hasSuffix(" 0 violations\n"))
  }

  @Test("the test can see a loss")
  func loss() async throws {
    // Takes something out of the journal whenever the run is started again.
    try workspace.write(
      """
      #!/usr/bin/env python3
      import os, sqlite3, sys
      if sys.argv[1] == "run":
          path = sys.argv[sys.argv.index("--db") + 1]
          if os.path.exists(path):
              database = sqlite3.connect(path)
              if database.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
                  database.execute("DELETE FROM signals WHERE n = (SELECT max(n) FROM signals)")
                  database.commit()
              database.close()
      os.execv(os.environ["BB"], [os.environ["BB"]] + sys.argv[1:])
      """, to: "forgetful")
    let made = try Program.shell("chmod 755 forgetful", in: workspace)
    #expect(made.code == 0)
    let result = try await crash(["--kills", "3", "--pace", "5"], workspace.file("forgetful"))
    #expect(result.code == 1, "\(result.output)\(result.errors)")
    #expect(result.errors.contains("signals that were committed 1 are lost or changed"), "\(result.errors)")
    #expect(result.errors.contains("1 signals that were printed are not in the journal"))
  }
}
