import Glibc
import Testing

/// Every command in the documents, with what they show of its output.
@Suite struct DocumentCommandsTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  /// Whether the documents are to be made true instead of being tested.
  private static let rewrites = getenv("BETTERBOT_REWRITE_DOCS").map { String(cString: $0) } == "1"

  /// The documents that show commands.
  static let documents: [String] = DocumentTests.documents.filter { name in
    guard let workspace = try? Workspace(), let text = try? workspace.read("\(Program.root)/\(name)") else {
      return false
    }
    return text.contains("\n```console")
  }

  @Test("commands of a document print what it shows", arguments: documents)
  func shown(_ name: String) throws {
    let path = "\(Program.root)/\(name)"
    let text = try workspace.read(path)
    let script = DocumentScript(text, name: name)
    for problem in script.problems { Issue.record("\(problem)") }
    let printed = try DocumentRun().run(script)
    try #require(printed.count == script.commands.count)
    var lines = DocumentScript.lines(text)
    for (command, printed) in zip(script.commands, printed).reversed() {
      let shown = ShownOutput(command.shown)
      guard let printed, !shown.matches(printed) else { continue }
      if Self.rewrites {
        let blank = command.shown.count - ShownOutput.trimmed(command.shown).count
        lines.replaceSubrange(
          command.place, with: shown.rewritten(printed) + Array(repeating: "", count: blank))
      } else {
        Issue.record("\(name):\(command.line): $ \(command.text)\n\(shown.difference(printed))")
      }
    }
    guard Self.rewrites else { return }
    let rewritten = lines.joined(separator: "\n")
    if rewritten != text { try write(rewritten, to: path) }
  }

  private func write(_ text: String, to path: String) throws {
    let copy = try workspace.write(text, to: "document.md")
    let result = try Program.shell(
      "cat \(Program.quoted(copy)) >\(Program.quoted(path))", in: workspace)
    try #require(result.code == 0, "\(result.errors)")
  }

  @Test("there are documents that show commands")
  func found() {
    #expect(Set(Self.documents).isSuperset(of: ["docs/why.md"]))
  }
}
