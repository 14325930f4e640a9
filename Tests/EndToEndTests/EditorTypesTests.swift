import Glibc
import Testing

/// What a language server says about rules with the types of `betterbot init`; where one is installed.
@Suite struct EditorTypesTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  /// lua-language-server, or what BETTERBOT_LUA_SERVER names.
  private static let server: String? = {
    if let named = getenv("BETTERBOT_LUA_SERVER") { return String(cString: named) }
    return Program.has("lua-language-server") ? "lua-language-server" : nil
  }()

  private func problems(in files: String) throws -> [String] {
    let script = "\(Program.root)/Tests/Conformance/types.py"
    let server = EditorTypesTests.server ?? ""
    let result = try Program.shell(
      "cd w && python3 \(Program.quoted(script)) \(Program.quoted(server)) . \(files)", in: workspace)
    #expect(result.code == 0, "\(result.errors)")
    // emmylua_ls takes a local's first value for its type, where lua-language-server does not.
    return result.lines.map(String.init).filter { !$0.hasSuffix("Cannot assign `number` to `integer`. ") }
  }

  @Test(
    "it finds nothing wrong in the shipped rules and in templates, and a misspelt field where there is one",
    .enabled(if: server != nil && Program.has("python3"), "needs lua-language-server and python3"))
  func rules() throws {
    let made = try Program.shell("mkdir w && cp -rL rules w/rules && $BB init w", in: workspace)
    #expect(made.code == 0, "\(made.errors)")
    let templates = "for t in blank whale sweep cluster velocity watch; do $BB new new_$t --template $t; done"
    #expect(try Program.shell("cd w && \(templates)", in: workspace).lines.count == 12)
    #expect(try problems(in: "rules/*.lua rules/lib/*.lua") == [])
    let misspelt = """
      local R = rule { title = "x" }

      function R.on_order(o, w)
        signal { title = o.markt_slug or "", data = { n = w.buys:orders(), x = o.user } }
      end

      function R.on_sequence(_, match)
        print(match.frist, match.steps.load.price, fmt.usdd)
      end

      return R

      """
    try workspace.write(misspelt, to: "w/rules/misspelt.lua")
    let found = try problems(in: "rules/misspelt.lua").map { $0.prefix(39) }
    #expect(
      found.sorted() == [
        "rules/misspelt.lua:4: undefined-field: ", "rules/misspelt.lua:8: undefined-field: ",
        "rules/misspelt.lua:8: undefined-field: ",
      ])
  }
}
