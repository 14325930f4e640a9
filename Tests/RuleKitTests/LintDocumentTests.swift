import RuleEngine
import Testing

@testable import RuleKit

@Suite("The lint and its documents")
struct LintDocumentTests {
  private static func text(_ name: String) -> String {
    String(decoding: Scenery.bytes(Scenery.root + "/" + name) ?? [], as: UTF8.self)
  }

  /// The entries of a list in api.json, one a line.
  private static func entries(_ list: String) -> [(name: String, when: String)] {
    let api = text("api.json")
    guard let start = api.firstRange(of: "\"\(list)\": ["),
      let end = api[start.upperBound...].firstRange(of: "\n  ]")
    else { return [] }
    return api[start.upperBound..<end.lowerBound].split(separator: "\n").compactMap { line in
      guard let name = line.firstMatch(of: /"name": "([^"]+)"/)?.1 else { return nil }
      return (String(name), line.firstMatch(of: /"when": "([^"]+)"/).map { String($0.1) } ?? "")
    }
  }

  @Test("the names that the lint knows are those of api.json")
  func names() {
    let functions = Self.entries("functions")
    #expect(functions.count > 80)
    var loading: Set<String> = []
    var always: Set<String> = []
    var members: [String: Set<String>] = [:]
    for (name, when) in functions {
      let parts = name.split(separator: ".").map(String.init)
      if when == "load" { loading.insert(parts[0]) } else { always.insert(parts[0]) }
      if parts.count == 2 { members[parts[0], default: []].insert(parts[1]) }
    }
    #expect(SandboxNames.loading == loading)
    #expect(SandboxNames.always == always)
    #expect(SandboxNames.members == members)
    #expect(SandboxNames.orderFields == Self.entries("order").map(\.name))
    #expect(SandboxNames.hooks == Set(Self.entries("hooks").map(\.name)))
    #expect(SandboxNames.signalFields == Self.entries("heard").map(\.name))
    #expect(SandboxNames.gapFields == Self.entries("gap").map(\.name))
    #expect(SandboxNames.matchFields == Self.entries("match").map(\.name))
    let steps = Self.text("api.json").firstMatch(of: /"step": \[([^\]]+)\]/)?.1.matches(of: /"([a-z_]+)"/)
    #expect(SandboxNames.stepFields == steps?.map { String($0.1) })
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
