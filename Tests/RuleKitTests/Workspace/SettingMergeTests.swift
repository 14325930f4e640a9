import Testing
import Wire

@testable import RuleKit

@Suite("Settings of the language server")
struct SettingMergeTests {
  private let settings = LanguageServerSettings.current

  private func merge(_ text: String) -> WorkspaceFile.Step { settings.merged(into: Array(text.utf8)) }

  private func merged(_ text: String) throws -> JSONTree {
    guard case .merge(let result, _, _) = merge(text) else {
      Issue.record("\(merge(text))")
      return .null
    }
    return try #require(JSONTree(Array(result.utf8)))
  }

  @Test("a new file says Lua 5.4, the types, and that Lua's own libraries are ours")
  func new() throws {
    let file = try #require(JSONTree(Array(settings.text.utf8)))
    #expect(file["runtime.version"]?.text == "Lua 5.4")
    #expect(file["workspace.library"]?.items == [.string("library")])
    #expect(file["runtime.builtin"]?["os"]?.text == "disable")
    let globals = (file["diagnostics.globals"]?.items ?? []).compactMap(\.text)
    #expect(globals.contains("rule") && globals.contains("signal") && !globals.contains("pairs"))
  }

  @Test("merged twice is merged once")
  func twice() throws {
    let once = try merged("{}")
    #expect(merge(once.pretty) == .keep(remark: nil))
    #expect(merge(settings.text) == .keep(remark: nil))
  }

  @Test("what the user has stays, with its order and its numbers; lists get what they lack")
  func kept() throws {
    let file = try merged(
      #"{"z": [1.50, null], "workspace.library": ["lib", "library"], "a": {"b": 1e3}, "diagnostics.globals": ["vim"]}"#
    )
    #expect(file.members.map(\.name).prefix(4) == ["z", "workspace.library", "a", "diagnostics.globals"])
    #expect(file["z"]?.items == [.number("1.50"), .null])
    #expect(file["a"]?["b"] == .number("1e3"))
    #expect(file["workspace.library"]?.items == [.string("lib"), .string("library")])
    let globals = file["diagnostics.globals"]?.items ?? []
    #expect(globals.first == .string("vim") && globals.contains(.string("rule")))
    #expect(file["$schema"] == nil, "the schema is added to new files only")
  }

  @Test(
    "a setting is added where the user has its kind",
    arguments: [
      (#"{"Lua.workspace.library": ["x"]}"#, ["Lua.workspace.library"]),
      (#"{"workspace": {"library": ["x"]}}"#, ["workspace", "library"]),
      (#"{"workspace": {"maxPreload": 9}}"#, ["workspace", "library"]),
      (#"{"Lua": {"workspace.library": ["x"]}}"#, ["Lua", "workspace.library"]),
      (#"{"Lua": {"workspace": {"library": ["x"]}}}"#, ["Lua", "workspace", "library"]),
      (#"{"Lua.workspace": {}}"#, ["Lua.workspace", "library"]),
    ])
  func spellings(_ text: String, _ path: [String]) throws {
    let file = try merged(text)
    let list = path.reduce(JSONTree?.some(file)) { $0?[$1] }
    #expect(list?.items.contains(.string("library")) == true, "\(file.line)")
    #expect(!file.members.contains { $0.name == "workspace.library" })
  }

  @Test("another value of the user stays, and is said")
  func differs() throws {
    var file = try merged("{}")
    file = .object(
      file.members.map { $0.name == "runtime.version" ? JSONTree.Member($0.name, .string("LuaJIT")) : $0 })
    #expect(
      merge(file.line) == .keep(remark: #"runtime.version is "LuaJIT" there, and "Lua 5.4" for rules"#))
    guard case .merge(_, let added, let remark?) = merge(#"{"runtime.version": "LuaJIT"}"#) else {
      Issue.record("what else is added hides that the version is another")
      return
    }
    #expect(!added.contains("runtime.version") && remark.hasPrefix("runtime.version is \"LuaJIT\" there"))
  }

  @Test(
    "a file with comments, or of something else, is left alone, with what to add by hand",
    arguments: ["// mine\n{}", "{,}", "[]", "", "\"x\""])
  func leftAlone(_ text: String) throws {
    guard case .keep(let remark?) = merge(text) else {
      Issue.record("\(merge(text))")
      return
    }
    #expect(remark.hasPrefix("it has comments, or is no JSON object; add by hand: {\"runtime.version\":"))
    #expect(!remark.contains("\n"))
  }
}
