import Wire

/// What lua-language-server must know about a workspace, as its `.luarc.json` says it.
public struct LanguageServerSettings: Sendable {
  /// One setting by its full name.
  private struct Setting: Sendable {
    var name: String
    var value: JSONTree
  }

  private let settings: [Setting]

  /// The settings for this program's API.
  public static let current = LanguageServerSettings(.current)

  init(_ api: APIDescription) {
    let own = Set(api.functions.filter { !APIReference.isLua($0) }.map { $0.table ?? $0.name }).sorted()
    let texts: ([String]) -> JSONTree = { .array($0.map { .string($0) }) }
    settings = [
      Setting(
        name: "$schema",
        value: .string("https://raw.githubusercontent.com/LuaLS/vscode-lua/master/setting/schema.json")),
      Setting(name: "runtime.version", value: .string("Lua 5.4")),
      Setting(name: "runtime.path", value: texts(["?.lua", "?/init.lua", "rules/lib/?.lua"])),
      // library/betterbot.lua has what the sandbox has; what is not in it is reported.
      Setting(
        name: "runtime.builtin",
        value: .object(
          ["basic", "coroutine", "debug", "io", "math", "os", "package", "string", "table", "utf8"]
            .map { JSONTree.Member($0, .string("disable")) })),
      Setting(name: "workspace.library", value: texts(["library"])),
      Setting(name: "workspace.checkThirdParty", value: .bool(false)),
      Setting(name: "diagnostics.globals", value: texts(own)),
    ]
  }

  /// A file with nothing else in it.
  var text: String { JSONTree.object(settings.map { JSONTree.Member($0.name, $0.value) }).pretty }

  /// What to do about a file that is there.
  func merged(into existing: [UInt8]) -> WorkspaceFile.Step {
    // The schema is the file's own affair.
    let settings = self.settings.dropFirst()
    guard case .object(var members)? = JSONTree(existing) else {
      let wanted = JSONTree.object(settings.map { JSONTree.Member($0.name, $0.value) })
      return .keep(remark: "it has comments, or is no JSON object; add by hand: \(wanted.line)")
    }
    var added: [String] = []
    var remarks: [String] = []
    for setting in settings {
      switch SettingMerge.add(setting.value, named: setting.name, to: &members) {
      case .added: added.append(setting.name)
      case .present: break
      case .differs(let value):
        remarks.append("\(setting.name) is \(value.line) there, and \(setting.value.line) for rules")
      }
    }
    let remark = remarks.isEmpty ? nil : remarks.joined(separator: "; ")
    if added.isEmpty { return .keep(remark: remark) }
    return .merge(JSONTree.object(members).pretty, added: added, remark: remark)
  }
}
