import Glibc
import Testing

/// What somebody on the same machine may try with a run that has an API.
@Suite(
  .timeLimit(.minutes(5)), .serialized,
  .enabled(if: Program.has("python3"), "skipped: python3 is not installed"))
struct HostileTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  private func run(_ words: String) throws {
    let script = Program.quoted(Program.root + "/Tests/Conformance/hostile.py")
    let result = try Program.shell("python3 \(script) \(words) \"$BB\"", in: workspace)
    #expect(result.code == 0, "\(result.output)\(result.errors)")
    #expect(result.output.hasSuffix(" 0 violations\n"))
  }

  @Test(
    "no secret gets into the log, the metrics, an answer, the journal or the arguments of a process",
    arguments: ["text", "json"])
  func secrets(format: String) throws { try run("secrets --log-format \(format)") }

  @Test("no webhook reaches this machine, its network, or what a redirect leads to")
  func targets() throws { try run("targets") }

  @Test("no flood takes the memory, the feed, or the API from others")
  func floods() throws { try run("floods") }

  @Test("no id of a rule writes or removes another file")
  func rules() throws { try run("rules") }
}
