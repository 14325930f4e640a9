import Glibc
import Testing

@Suite struct InitTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  private static let files = [
    "fixtures/", "rules/large_purchase.lua", "rules/large_purchase.test.yaml", "betterbot.yaml",
    "library/betterbot.lua", ".luarc.json", "betterbot.yml", "selene.toml", ".vscode/tasks.json",
    ".vscode/extensions.json",
  ]

  private func lines(_ word: String) -> [String] {
    InitTests.files.map { word + String(repeating: " ", count: 8 - word.count) + $0 }
  }

  @Test("a new workspace is made, checks and passes its test; a second run keeps all of it")
  func fresh() throws {
    let first = try Program.shell("$BB init new/place", in: workspace)
    #expect(first.code == 0, "\(first.errors)")
    #expect(first.lines.map(String.init) == lines("made"))
    let second = try Program.shell("cd new/place && $BB init", in: workspace)
    #expect(second.lines.map(String.init) == lines("kept").filter { !$0.contains("rules/") })
    let check = try Program.shell("cd new/place && $BB check && $BB test", in: workspace)
    #expect(check.code == 0, "\(check.output)\(check.errors)")
    #expect(check.output.contains("1 rule loads, 0 do not"))
    // The configuration is read as one: a wrong key would be an error.
    let status = try Program.shell("cd new/place && $BB status --config betterbot.yaml", in: workspace)
    #expect(status.code == 4, "\(status.errors)")
  }

  @Test("what the user has stays as it is, to the byte")
  func existing() throws {
    for name in InitTests.files where !name.hasSuffix("/") && !name.hasPrefix("rules/") {
      try workspace.write("mine: 1\n", to: "w/\(name)")
    }
    try workspace.write("-- mine\n", to: "w/rules/large_purchase.lua")
    let before = try Program.shell("cd w && find . -type f | sort | xargs sha256sum", in: workspace).output
    let result = try Program.shell("$BB init w", in: workspace)
    #expect(result.code == 0, "\(result.errors)")
    let after = try Program.shell("cd w && find . -type f | sort | xargs sha256sum", in: workspace)
    #expect(after.output == before)
    #expect(result.output.contains("kept    library/betterbot.lua: it was edited and is not renewed"))
    #expect(
      result.output.contains("kept    .luarc.json: it has comments, or is no JSON object; add by hand: {"))
    #expect(
      !result.output.contains("large_purchase"), "a folder with rules gets no first rule: \(result.output)")
  }

  @Test("a link that leads nowhere stays one, and a file keeps its permissions")
  func links() throws {
    let made = try Program.shell(
      "mkdir w && cd w && ln -s nowhere betterbot.yaml && echo '{}' >.luarc.json && chmod 600 .luarc.json && $BB init",
      in: workspace)
    #expect(made.code == 0, "\(made.errors)")
    #expect(
      made.output.contains("kept    betterbot.yaml: it is a link that leads nowhere\n"), "\(made.output)")
    #expect(made.output.contains("merged  .luarc.json: added "))
    let after = try Program.shell("cd w && readlink betterbot.yaml && stat -c %a .luarc.json", in: workspace)
    #expect(after.output == "nowhere\n600\n")
  }

  @Test("what stands in the way is found before anything is made")
  func inTheWay() throws {
    let result = try Program.shell("mkdir -p w/selene.toml && $BB init w", in: workspace)
    #expect(result.code == 3)
    #expect(result.errors == "betterbot: w/selene.toml: it is no regular file\n")
    #expect(try Program.shell("ls -A w", in: workspace).output == "selene.toml\n")
  }

  @Test("a folder without a name is not the root of the file system")
  func nameless() throws {
    let result = try Program.run(["init", ""], in: workspace)
    #expect(result.code == 3 && result.errors.contains("the folder has no name"), "\(result.errors)")
  }

  @Test(
    "settings of the language server get what they lack, also behind a link; types of another version are new"
  )
  func merged() throws {
    try workspace.write(
      #"{"hint.enable": true, "workspace.library": ["types"], "runtime": {"version": "Lua 5.4"}}"#,
      to: "dots/luarc")
    let made = try Program.shell("mkdir w && ln -s ../dots/luarc w/.luarc.json && $BB init w", in: workspace)
    #expect(
      made.output.contains(
        "merged  .luarc.json: added runtime.path, runtime.builtin, workspace.library, "
          + "workspace.checkThirdParty, diagnostics.globals\n"), "\(made.output)")
    let settings = try workspace.read("dots/luarc")
    #expect(settings.hasPrefix("{\n  \"hint.enable\": true,\n"))
    #expect(settings.contains("\"types\",\n    \"library\"\n"))
    #expect(try Program.shell("readlink w/.luarc.json", in: workspace).output == "../dots/luarc\n")

    // A file of an older version: the same mark, another body and its checksum.
    let older = "-- Made by `betterbot init`, which renews it unless it was edited: API version 0, checksum "
    try workspace.write(older + "08f0de07b58d2b17\nx\n", to: "w/library/betterbot.lua")
    let again = try Program.shell("$BB init w", in: workspace)
    #expect(again.output.contains("kept    .luarc.json\n"))
    #expect(again.output.contains("renewed library/betterbot.lua\n"), "\(again.output)")
    #expect(try workspace.read("w/library/betterbot.lua").contains("---@class Order\n"))
  }

  @Test("where it cannot write, it says so in one line and ends with 3")
  func refused() throws {
    try workspace.write("", to: "file")
    for place in ["file", "file/x"] {
      let result = try Program.shell("$BB init \(place)", in: workspace)
      #expect(result.code == 3)
      #expect(result.errors.split(separator: "\n").count == 1)
      #expect(result.errors.contains("\(place)/fixtures cannot be made"), "\(result.errors)")
    }
  }
}
