/// What `betterbot init` puts into a folder.
public enum Workspace {
  /// Folders that are made though nothing of ours lies in them.
  public static let folders = ["fixtures"]

  /// The files, in the order in which they are made. `configuration` is the text of betterbot.yaml.
  ///
  /// A first rule is for a folder without rules: to others it would add signals that nobody asked for.
  public static func files(configuration: String, hasRules: Bool = false) -> [WorkspaceFile] {
    let starter = hasRules ? [] : RuleTemplate.whale.files(for: "large_purchase")
    return starter.map { WorkspaceFile("rules/\($0.name)", text: $0.text) } + [
      WorkspaceFile("betterbot.yaml", text: configuration),
      WorkspaceFile("library/betterbot.lua", EditorTypes.current),
      WorkspaceFile(".luarc.json", .current),
      WorkspaceFile("betterbot.yml", SeleneLibrary.current),
      WorkspaceFile("selene.toml", text: SeleneLibrary.settings),
      WorkspaceFile(".vscode/tasks.json", text: EditorTasks.tasks),
      WorkspaceFile(".vscode/extensions.json", text: EditorTasks.extensions),
    ]
  }

  /// betterbot.yaml for a new workspace, of the example with every key.
  ///
  /// Its first paragraph is about the example; its parameters are of rules that are not there, so they are put out
  /// of use.
  public static func configuration(example: String) -> String {
    let lines = example.split(separator: "\n", omittingEmptySubsequences: false)
    var result = ["# The settings of this workspace, with every key. All of them may be left out."]
    var isParameter = false
    for line in lines.drop(while: { $0.hasPrefix("# ") }) {
      if let first = line.first, first != " " { isParameter = line.hasPrefix("params:") }
      result.append(isParameter && !line.isEmpty ? "#" + line : String(line))
    }
    return result.joined(separator: "\n")
  }
}
