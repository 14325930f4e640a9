import Glibc

/// Runs a document's commands in order, in one shell that stands in a copy of the repository's rules and fixtures.
struct DocumentRun {
  /// What a command printed on both outputs, and its exit code as the last line unless it is 0.
  typealias Printed = [String]

  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  /// What each command printed; nil for one that did not run, because what it needs is not there.
  func run(_ script: DocumentScript) throws -> [Printed?] {
    var lines = [try prepare()]
    var skipped: Set<Int> = []
    var number = 0
    for (place, step) in script.steps.enumerated() {
      switch step {
      case .file(let path, let text, let appends):
        try workspace.write(text, to: ".document/file\(place)")
        let quoted = Program.quoted(path)
        lines.append("mkdir -p \"$(dirname \(quoted))\"")
        lines.append("cat \"$DOCUMENT/file\(place)\" \(appends ? ">>" : ">")\(quoted)")
      case .command(let command):
        number += 1
        if let file = command.needs, access(workspace.file(file), R_OK) != 0 {
          skipped.insert(number)
          continue
        }
        lines.append("{ eval \(Program.quoted(command.text)); } >\"$DOCUMENT/out\(number)\" 2>&1")
        lines.append("echo $? >\"$DOCUMENT/code\(number)\"")
      }
    }
    try workspace.write(lines.joined(separator: "\n") + "\n", to: ".document/script")
    _ = try Program.shell("timeout -k 5 300 sh .document/script", in: workspace)
    return (0..<number).map { skipped.contains($0 + 1) ? nil : printed(by: $0 + 1) }
  }

  /// The shell that makes the folder look like the repository's, with the program in the path.
  private func prepare() throws -> String {
    if let recorded = Program.recorded("dome_events.jsonl.gz") {
      symlink(recorded, workspace.file("dome_events.jsonl.gz"))
    }
    let root = Program.quoted(Program.root)
    return """
      export DOCUMENT=\(Program.quoted(workspace.file(".document"))) NO_COLOR=1 TERM=dumb
      mkdir "$DOCUMENT/bin" && ln -s "$BB" "$DOCUMENT/bin/betterbot" && PATH="$DOCUMENT/bin:$PATH"
      rm rules && cp -r \(root)/rules \(root)/fixtures . || exit 99
      mkdir docs && cp -r \(root)/docs/examples docs
      """
  }

  private func printed(by number: Int) -> Printed {
    guard let text = try? workspace.read(workspace.file(".document/out\(number)")),
      let code = try? workspace.read(workspace.file(".document/code\(number)"))
    else { return ["[did not run to its end]"] }
    let plain = text.replacing(workspace.path, with: ".")
    var lines = ShownOutput.trimmed(DocumentScript.lines(plain))
    if code != "0\n" { lines.append("[exit code \(code.filter { $0 != "\n" })]") }
    return lines
  }
}
