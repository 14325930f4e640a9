import ArgumentParser
import Files
import RuleKit

/// `betterbot init`: makes a folder a workspace for rules.
struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Make a workspace for rules, with types for editors.",
    discussion: """
      Makes rules/ with a first rule and its test, fixtures/ for recordings, betterbot.yaml, and what editors \
      need: types in library/betterbot.lua with .luarc.json for lua-language-server, betterbot.yml with \
      selene.toml for the linter selene, and tasks in .vscode/.

      Nothing that is there is overwritten. .luarc.json gets what it lacks, and the two files made of the rule \
      API are renewed unless they were edited, so it can be run again after an update. Example:

        betterbot init my-rules
      """)

  @Argument(help: "The folder; it is made when it is missing.") var folder = "."

  func run() throws {
    do throws(SmallFile.Failure) {
      for name in Workspace.folders {
        report(try SmallFile.makeFolder(path(name)) ? "made" : "kept", name + "/")
      }
      let example = String(decoding: PackageResources.betterbot_example_yaml, as: UTF8.self)
      for file in Workspace.files(configuration: Workspace.configuration(example: example)) { try put(file) }
    } catch {
      throw Output.fail(error.description, .badInput)
    }
  }

  private func path(_ name: String) -> String { folder == "." ? name : "\(folder)/\(name)" }

  private func put(_ file: WorkspaceFile) throws(SmallFile.Failure) {
    let path = path(file.path)
    switch file.step(for: try existing(path)) {
    case .make(let text):
      try SmallFile.write(Array(text.utf8), to: path)
      report("made", file.path)
    case .renew(let text):
      try SmallFile.write(Array(text.utf8), to: SmallFile.target(of: path))
      report("renewed", file.path)
    case .merge(let text, let added):
      try SmallFile.write(Array(text.utf8), to: SmallFile.target(of: path))
      report("merged", "\(file.path): added \(added.joined(separator: ", "))")
    case .keep(let remark): report("kept", file.path + (remark.map { ": \($0)" } ?? ""))
    }
  }

  private func existing(_ path: String) throws(SmallFile.Failure) -> [UInt8]? {
    if SmallFile.stamp(path) == nil { return nil }
    do throws(SmallFile.Failure) {
      return try SmallFile.read(path, limit: 4 << 20).bytes
    } catch {
      throw SmallFile.Failure(description: "\(path): \(error.description)")
    }
  }

  private func report(_ what: String, _ file: String) {
    Output.standard.line(what + String(repeating: " ", count: 8 - what.count) + file)
  }
}
