import Glibc
import Testing

@Suite struct DocumentTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  /// Every document of the repository, by its path from the root.
  static let documents: [String] = {
    guard let workspace = try? Workspace() else { return [] }
    let script = "cd \(Program.quoted(Program.root)) && ls *.md docs/*.md fixtures/*.md Benchmarks/*.md"
    return (try? Program.shell(script, in: workspace).lines.map(String.init)) ?? []
  }()

  @Test(
    "every relative link of a document leads to a file, and to a heading where it names one",
    arguments: documents)
  func links(_ name: String) throws {
    let text = try workspace.read("\(Program.root)/\(name)")
    let folder = name.contains("/") ? String(name.prefix { $0 != "/" }) + "/" : ""
    for match in text.matches(of: /\]\(([^)\s]+)\)/) where !match.1.contains("://") {
      let parts = match.1.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
      let target = parts[0].isEmpty ? "\(Program.root)/\(name)" : "\(Program.root)/\(folder)\(parts[0])"
      #expect(access(target, R_OK) == 0, "\(name): \(match.1) leads nowhere")
      guard parts.count == 2, target.hasSuffix(".md") else { continue }
      let headings = try workspace.read(target).split(separator: "\n").filter { $0.hasPrefix("#") }.map(
        anchor)
      #expect(headings.contains(String(parts[1])), "\(name): there is no heading \(parts[1])")
    }
    #expect(!text.contains("<<"), "\(name) has a placeholder")
  }

  /// A heading's anchor, as hosts of repositories make it.
  private func anchor(_ heading: Substring) -> String {
    let text = heading.drop { $0 == "#" || $0 == " " }.lowercased()
    return String(
      text.compactMap { $0 == " " ? "-" : $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" ? $0 : nil })
  }

  @Test("there are documents to check")
  func found() {
    #expect(
      Set(Self.documents).isSuperset(of: [
        "README.md", "CONTRIBUTING.md", "docs/rules.md", "docs/journal.md", "fixtures/README.md",
      ]))
  }

  @Test("sizes and checksums in fixtures/README.md are those of the files")
  func fixtures() throws {
    let text = try workspace.read("\(Program.root)/fixtures/README.md")
    let script =
      "cd \(Program.quoted(Program.root))/fixtures && "
      + "sha256sum flow.jsonl.gz burst.jsonl.gz rtds.jsonl dome_page.json edge_cases.jsonl"
    let sums = try Program.shell(script + " && gzip -dc flow.jsonl.gz | sha256sum", in: workspace).lines
    try #require(sums.count == 6)
    for line in sums.prefix(5) { #expect(text.contains("    \(line)\n"), "\(line)") }
    #expect(text.contains("    \(sums[5].prefix(64))  flow.jsonl.gz, unpacked\n"))
    for row in text.matches(of: /\| `([a-z_.]+)` \|.* ([\d,]+) \|\n/) {
      var status = stat()
      #expect(stat("\(Program.root)/fixtures/\(row.1)", &status) == 0)
      #expect(row.2.filter { $0 != "," } == "\(status.st_size)", "\(row.1)")
    }
  }

  @Test(
    "the numbers of orders in fixtures/README.md are those that are read",
    arguments: [
      ("flow.jsonl.gz", "20,055 orders in", "198 duplicate orders dropped", "20,055 orders and 198 repeats"),
      ("rtds.jsonl", "413 orders in", "", "413 frames"), ("dome_page.json", "90 orders in", "", "90 orders"),
      (
        "edge_cases.jsonl", "29 orders in",
        "5 duplicate orders dropped, 2 other messages skipped, 16 messages rejected",
        "29 orders, 5 duplicates, 16 rejected, 2 skipped"
      ),
    ])
  func counts(_ name: String, _ read: String, _ more: String, _ claim: String) throws {
    let result = try Program.run(
      ["replay", "--no-db", "--format", "ndjson", Program.fixture(name)], in: workspace)
    #expect(
      result.errors.hasPrefix(read) && (more.isEmpty || result.errors.contains(more)), "\(result.errors)")
    #expect(try workspace.read("\(Program.root)/fixtures/README.md").contains(claim))
  }
}
