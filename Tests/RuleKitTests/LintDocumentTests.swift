import RuleEngine
import Testing

@testable import RuleKit

@Suite("The lint and its documents")
struct LintDocumentTests {
  private static func text(_ name: String) -> String {
    String(decoding: Scenery.bytes(Scenery.root + "/" + name) ?? [], as: UTF8.self)
  }

  @Test("the lint takes its names from the description of the API: those of headers, of hooks, and money")
  func names() {
    #expect(SandboxNames.loading.isSuperset(of: ["rule", "param", "window", "sum", "at_least", "never"]))
    #expect(SandboxNames.always.isSuperset(of: ["usd", "signal", "state", "string", "pairs", "group"]))
    #expect(SandboxNames.loading.isDisjoint(with: SandboxNames.always))
    #expect(SandboxNames.members["fmt"] == ["cents", "shares", "usd"])
    #expect(SandboxNames.dollarFields == ["price", "usd", "usd_floor"])
    #expect(SandboxNames.shareFields == ["shares"])
    #expect(SandboxNames.exactAggregates.isSubset(of: APIDescription.current.aggregates))
  }

  @Test("the guide lists every finding with its severity, and an example that has it")
  func guide() {
    let rows = Self.text("docs/rules.md").matches(
      of: /(?m)^\| `([a-z-]+)`( \(error\))? \| `([^`]+)` \| .+ \|$/
    )
    .filter { LintCheck(rawValue: String($0.output.1)) != nil }
    #expect(rows.map { String($0.output.1) } == LintCheck.allCases.map(\.rawValue))
    for row in rows {
      let name = String(row.output.1)
      #expect((LintCheck(rawValue: name)?.severity == .error) == (row.output.2 != nil), "\(name)")
      let example = String(row.output.3)
      let source =
        name == "unused-declaration"
        ? "local R = rule { \(example) }\nfunction R.on_order() end\nreturn R" : LintTests.rule(example)
      #expect(LintTests.check(source).map(\.name) == [name], "\(example)")
    }
  }

  @Test("a folder's rules come before its libraries")
  func folder() {
    let bad = Array("local x = 1".utf8)
    let sources = RuleSources(
      rules: [.init(name: "b", source: bad), .init(name: "a", source: bad)],
      libraries: [.init(name: "a", source: bad)])
    #expect(Lint.check(sources).map(\.file) == ["a.lua", "b.lua", "lib/a.lua"])
  }
}
