import Testing

@Suite(.enabled(if: Program.has("script"), "skipped: a terminal needs the program script of util-linux"))
struct TerminalTests {
  private let workspace: Workspace
  private let flow = Program.quoted(Program.fixture("flow.jsonl.gz"))

  init() throws { workspace = try Workspace() }

  /// What appears on a terminal on which the line is run.
  private func screen(_ line: String) throws -> String {
    let result = try Program.shell("script -qec \(Program.quoted(line)) log", in: workspace)
    try #require(result.code == 0, "\(result.output) \(result.errors)")
    return result.output
  }

  @Test("progress and colour appear on a terminal, and the progress is gone at the end")
  func progress() throws {
    let text = try screen("TERM=xterm $BB replay --no-db \(flow)")
    #expect(text.contains("\r\u{1B}[K"))
    #expect(text.contains(" orders · "))
    #expect(text.contains("\u{1B}[31mhigh\u{1B}[0m"))
    let table = try #require(text.firstRange(of: "TIME (UTC)"))
    #expect(text[..<table.lowerBound].hasSuffix("\r\u{1B}[K"))
    #expect(!text[table.lowerBound...].contains("\u{1B}[K"))
  }

  @Test(
    "NO_COLOR, a dumb terminal or a pipe turn colour off",
    arguments: ["NO_COLOR=1 TERM=xterm", "TERM=dumb", "TERM="])
  func noColour(_ setting: String) throws {
    let text = try screen("\(setting) $BB replay --no-db \(flow)")
    #expect(text.contains("high") && !text.contains("\u{1B}[31m"))
    #expect(text.contains("\u{1B}[K") == setting.hasPrefix("NO_COLOR"))
    #expect(!(try screen("TERM=xterm $BB replay --no-db \(flow) 2>&1 | cat")).contains("\u{1B}"))
  }

  @Test("an empty NO_COLOR is none")
  func emptyNoColour() throws {
    #expect(try screen("NO_COLOR= TERM=xterm $BB replay --no-db \(flow)").contains("\u{1B}[31m"))
  }

  @Test(
    "lines for programs are not mixed with progress on one terminal; it shows when they go elsewhere"
  )
  func linesOnTerminal() throws {
    #expect(!(try screen("TERM=xterm $BB replay --no-db --format ndjson \(flow)")).contains("\u{1B}"))
    #expect(try screen("TERM=xterm $BB replay --no-db --format ndjson \(flow) >lines").contains(" orders · "))
    #expect(try workspace.read("lines").split(separator: "\n").count == 167)
  }

  @Test("messages come after the results they are about")
  func order() throws {
    let edge = Program.quoted(Program.fixture("edge_cases.jsonl"))
    let result = try Program.shell("$BB replay --no-db \(edge) 2>&1", in: workspace)
    let counts = try #require(result.output.firstRange(of: "29 orders in"))
    let message = try #require(result.output.firstRange(of: "rejected: "))
    #expect(counts.lowerBound < message.lowerBound)
  }
}
