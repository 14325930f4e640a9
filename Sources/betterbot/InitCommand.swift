import ArgumentParser
import Files
import Pipeline
import RuleKit

/// `betterbot init`: makes a folder a workspace for rules.
struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Make a workspace for rules, with types for editors.",
    discussion: """
      Makes rules/ with a first rule and its test where there is none yet, fixtures/ for recordings, \
      betterbot.yaml, and what editors need: types in library/betterbot.lua with .luarc.json for \
      lua-language-server, betterbot.yml with selene.toml for the linter selene, and tasks in .vscode/.

      Nothing that is there is overwritten. .luarc.json gets what it lacks, and the two files made of the rule \
      API are renewed unless they were edited, so it can be run again after an update. Example:

        betterbot init my-rules
      """)

  @Argument(help: "The folder; it is made when it is missing.") var folder = "."

  func validate() throws {
    if folder.isEmpty { throw ValidationError("the folder has no name: leave it out for this one") }
  }

  func run() throws {
    do throws(SmallFile.Failure) {
      // Everything is looked at first: what stands in the way leaves the folder as it was.
      let plan = try steps()
      for name in Workspace.folders {
        report(try SmallFile.makeFolder(path(name)) ? "made" : "kept", name + "/")
      }
      for (file, step) in plan { try take(step, file) }
    } catch {
      throw Output.fail(error.description, .badInput)
    }
  }

  private func path(_ name: String) -> String { folder == "." ? name : "\(folder)/\(name)" }

  /// What to do about each file, by its name.
  private func steps() throws(SmallFile.Failure) -> [(String, WorkspaceFile.Step)] {
    let example = String(decoding: PackageResources.betterbot_example_yaml, as: UTF8.self)
    let configuration = Workspace.configuration(example: example)
    let rules = (try? RuleFolder.read(path("rules")))?.rules ?? []
    var steps: [(String, WorkspaceFile.Step)] = []
    for file in Workspace.files(configuration: configuration, hasRules: !rules.isEmpty) {
      let path = path(file.path)
      let leadsNowhere = SmallFile.stamp(path) == nil && SmallFile.isTaken(path)
      steps.append(
        (
          file.path,
          leadsNowhere ? .keep(remark: "it is a link that leads nowhere") : file.step(for: try existing(path))
        ))
    }
    return steps
  }

  private func take(_ step: WorkspaceFile.Step, _ name: String) throws(SmallFile.Failure) {
    let path = path(name)
    switch step {
    case .make(let text):
      try SmallFile.write(Array(text.utf8), to: path)
      report("made", name)
    case .renew(let text):
      try SmallFile.write(Array(text.utf8), to: SmallFile.target(of: path))
      report("renewed", name)
    case .merge(let text, let added, let remark):
      try SmallFile.write(Array(text.utf8), to: SmallFile.target(of: path))
      report("merged", "\(name): added \(added.joined(separator: ", "))\(remark.map { "; \($0)" } ?? "")")
    case .keep(let remark): report("kept", name + (remark.map { ": \($0)" } ?? ""))
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
