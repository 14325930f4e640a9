import Glibc
import TestSupport
import Testing

/// What a power cut leaves, by `Tests/PowerCut`: a program's writes are recorded, and disks rebuilt from them.
@Suite(.enabled(if: Program.has("cc") && Program.has("python3"), "skipped: cc or python3 is not installed"))
struct PowerCutTests {
  private let workspace: Workspace
  private static let folder = Program.root + "/Tests/PowerCut"

  init() throws { workspace = try Workspace() }

  /// Cuts the power of a command many times; in its words `{dir}` is the folder that is recorded.
  ///
  /// The code is 0 when nothing that was shown is lost, 1 when something is, 2 when there was no test.
  private func powerCut(_ options: [String], _ command: [String]) async throws -> Program.Result {
    let words = ["python3", PowerCutTests.folder + "/powercut.py"] + options + ["--"] + command
    let workspace = workspace
    return try await offPool {
      try Program.shell(words.map(Program.quoted).joined(separator: " "), in: workspace)
    }
  }

  private func writer(_ synchronous: String, commits: Int) -> [String] {
    ["python3", PowerCutTests.folder + "/writer.py", "{dir}/journal.db", synchronous, "\(commits)"]
  }

  @Test("what is shown after a commit that waits for the disk is never lost")
  func full() async throws {
    let result = try await powerCut(["--cuts", "150"], writer("FULL", commits: 150))
    #expect(result.output == "150 cuts, 0 lost, 0 broken, 150 signals shown\n")
    #expect(result.code == 0, "\(result.errors)")
  }

  @Test("nor by a writer that is killed")
  func killed() async throws {
    let result = try await powerCut(["--cuts", "50", "--lines", "40"], writer("FULL", commits: 1_000_000))
    #expect(result.output.hasPrefix("50 cuts, 0 lost, 0 broken, "))
    #expect(result.code == 0, "\(result.errors)")
  }

  @Test("the test can see a loss, and a broken file")
  func losses() async throws {
    let normal = try await powerCut(["--cuts", "100"], writer("NORMAL", commits: 100))
    #expect(normal.code == 1)
    #expect(normal.output.contains(" lost, 0 broken, 100 signals shown"))
    #expect(!normal.output.contains(", 0 lost"))
    let off = try await powerCut(["--cuts", "100"], writer("OFF", commits: 100))
    #expect(off.code == 1)
    #expect(!off.output.contains(", 0 broken"))
  }

  @Test("all that the program itself writes is recorded, and its journal is whole after every cut")
  func replay() async throws {
    // A replay shows signals before it commits them, so some are lost; that is not the point here.
    let result = try await powerCut(
      ["--cuts", "40"],
      [
        Program.path, "replay", "--rules", Program.root + "/rules", "--db", "{dir}/journal.db", "--format",
        "ndjson", "--journal", Program.fixture("flow.jsonl.gz"),
      ])
    #expect(result.code != 2, "\(result.errors)")
    #expect(result.output.hasSuffix(" lost, 0 broken, 167 signals shown\n"))
  }

  @Test("a live run shows no signal that a power cut could still take back")
  func run() async throws {
    // At full speed there would be two commits; so there are about seventy.
    try workspace.write(
      """
      durability: full
      params:
        whale_order:
          min_usd: 20
      feeds:
        recording:
          kind: file
          path: \(Program.fixture("rtds.jsonl"))
          speed: 100x
      """, to: "run.yaml")
    let result = try await powerCut(
      ["--cuts", "150"],
      [
        Program.path, "run", "--config", workspace.file("run.yaml"), "--rules", Program.root + "/rules",
        "--db", "{dir}/journal.db", "--format", "ndjson",
      ])
    #expect(result.code == 0, "\(result.output)\(result.errors)")
    #expect(result.output == "150 cuts, 0 lost, 0 broken, 156 signals shown\n")
  }

  @Test("no proof is claimed when something went past the recorder, or nothing was shown")
  func unusable() async throws {
    let commands: [([String], String)] = [
      (["python3", "-c", "pass"], "nothing was recorded"),
      (["sh", "-c", "echo > {dir}/x; exit 3"], "ended with code 3"),
      (
        ["python3", "-c", "import os; open('{dir}/x', 'w').write('1'); os.write(1, b'no signal\\n')"],
        "the program showed no signal"
      ),
      (
        [
          "python3", "-c",
          """
          import mmap, os
          file = open('{dir}/x', 'w+b', 0)
          file.write(b'1' * 10)
          mmap.mmap(file.fileno(), 10)[0] = 50
          os.write(1, b'{"id":"a"}\\n')
          """,
        ], "a mapping that can be written"
      ),
    ]
    for (command, reason) in commands {
      let result = try await powerCut(["--cuts", "2"], command)
      #expect(result.code == 2)
      #expect(result.errors.contains(reason), "\(result.errors)")
    }
  }
}
