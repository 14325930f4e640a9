import Documents
import Glibc
import RuleEngine
import RuleKit
import Testing

@testable import Pipeline

@Suite struct TestSessionTests {
  private let workspace: Workspace
  private static let test = """
    rule: big
    wallets: { alice: "0xa1" }
    markets: { btc: { Yes: "8031" } }
    tests:
      - name: a big one
        orders: |
          +0s alice BUY 2000 @0.5 btc.Yes  #> medium
          +1s alice BUY 1999 @0.5 btc.Yes

    """

  init() throws {
    workspace = try Workspace()
    try workspace.write(TestRules.big.replacing("o.title", with: "o.user"), to: "rules/big.lua")
  }

  private func run(_ change: (inout TestSession.Options) -> Void = { _ in }) throws -> [TestSession.Result] {
    var options = TestSession.Options()
    change(&options)
    let folder = TestFolder(rules: workspace.file("rules"))
    return TestSession(folder, try RuleFolder.read(workspace.file("rules")), options).run().results
  }

  @Test("the tests beside the rules are run, whatever the threads")
  func runs() throws {
    try workspace.write(Self.test, to: "rules/big.test.yaml")
    for name in ["a", "b", "c"] {
      try workspace.write(TestRules.big.replacing("o.title", with: "o.user"), to: "rules/\(name).lua")
      try workspace.write(
        Self.test.replacing("rule: big", with: "rule: \(name)"), to: "rules/\(name).test.yaml")
    }
    for threads in [1, 3, 9] {
      let results = try run { $0.threads = threads }
      #expect(results.map(\.file.rule) == ["a", "b", "big", "c"])
      #expect(results.allSatisfy { $0.file.verdicts.map(\.isPassed) == [true] && $0.file.problem == nil })
    }
    #expect(try run { $0.rules = ["b"] }.map(\.file.rule) == ["b"])
    #expect(try run { $0.filter = "BIG: A" }.flatMap(\.file.verdicts).count == 1)
  }

  @Test("what is wrong with a file is said of it, and the others run")
  func problems() throws {
    try workspace.write(Self.test, to: "rules/big.test.yaml")
    try workspace.write("rule: other\ntests: []\n", to: "rules/other.test.yaml")
    try workspace.write(Self.test, to: "rules/small.test.yaml")
    try workspace.write("local R = rule {", to: "rules/broken.lua")
    try workspace.write(Self.test.replacing("rule: big", with: "rule: broken"), to: "rules/broken.test.yaml")
    try workspace.write(TestRules.folding, to: "rules/small.lua")
    let results = try run()
    #expect(results.map(\.file.rule) == ["big", "broken", "other", "small"])
    let path = workspace.file("rules")
    #expect(results[0].file.problem == nil && results[0].file.verdicts.count == 1)
    #expect(results[1].isRefused && results[1].file.problem?.hasPrefix("\(path)/broken.lua:1: ") ?? false)
    #expect(results[2].file.problem == "\(path)/other.test.yaml: there is no rule \(path)/other.lua")
    #expect(results[3].file.problem == "\(path)/small.test.yaml: it is about rule 'big': write rule: small")
  }

  @Test("a golden is compared, and written when that is wanted")
  func goldens() throws {
    let line = Line(second: 0, transaction: "0x1").description
    try workspace.write(line + "\n", to: "fixtures/one.jsonl")
    try workspace.write(
      "rule: big\ntests: [{ name: one, recorded: fixtures/one.jsonl, golden: auto, params: { min_usd: 0 } }]\n",
      to: "rules/big.test.yaml")
    let first = try run()[0]
    #expect(
      first.file.verdicts[0].differences[0].message.hasPrefix("there is no fixtures/goldens/big/one.json yet")
    )
    let folder = TestFolder(rules: workspace.file("rules"))
    try TestSession(folder, try RuleFolder.read(workspace.file("rules"))).write(first.goldens[0])
    #expect(try run()[0].file.verdicts[0].isPassed)
    try workspace.write("nothing", to: "fixtures/goldens/big/one.json")
    #expect(
      try run()[0].file.verdicts[0].differences.map(\.message) == [
        "fixtures/goldens/big/one.json is no golden: write it again with --accept"
      ])
  }

  @Test("recordings and goldens are found from the folder above the rules, of where a link leads to")
  func roots() throws {
    #expect(TestFolder(rules: "rules").root == "." && TestFolder(rules: "./rules/").root == ".")
    #expect(TestFolder(rules: "a/b").root == "a" && TestFolder(rules: "/rules").root == "/")
    #expect(TestFolder(rules: ".").root == "./..")
    symlink(workspace.file("rules"), workspace.file("link"))
    #expect(TestFolder(rules: workspace.file("link")).root == TestFolder(rules: workspace.file("rules")).root)
  }

  @Test("what is no file is not waited for, and no recording")
  func pipes() throws {
    try workspace.write("", to: "fixtures/x")
    mkfifo(workspace.file("fixtures/pipe"), 0o600)
    for name in ["fixtures/pipe", "fixtures"] {
      try workspace.write(
        "rule: big\ntests: [{ name: one, recorded: \(name), expect: [] }]\n", to: "rules/big.test.yaml")
      #expect(try run()[0].file.problem?.hasSuffix("\(name) is no regular file") ?? false)
    }
    #expect(throws: PlacedProblem.self) { try RecordedOrders.read("-") }
  }

  @Test("tests of the same recording read it once")
  func shared() throws {
    let line = Line(second: 0, transaction: "0x1").description
    try workspace.write(line + "\n", to: "fixtures/one.jsonl")
    let test = { (name: String) in "{ name: \(name), recorded: fixtures/one.jsonl, expect: [] }" }
    try workspace.write("rule: big\ntests: [\(test("a")), \(test("b"))]\n", to: "rules/big.test.yaml")
    guard
      case .file(let file) = TestFolder(rules: workspace.file("rules")).read(
        "big", among: try RuleFolder.read(workspace.file("rules")))
    else {
      Issue.record("the file cannot be read")
      return
    }
    #expect(file.tests.map(\.events.count) == [1, 1] && file.tests[0].events == file.tests[1].events)
  }

  @Test("tests end when nobody wants to know any more")
  func over() throws {
    try workspace.write(Self.test, to: "rules/big.test.yaml")
    #expect(try run { $0.isOver = { true } }.allSatisfy { $0.file.verdicts.isEmpty })
  }

  @Test("whatever changes in rules, tests, recordings and goldens is another stamp")
  func stamps() throws {
    var before = TestStamps.of(workspace.file("rules"))
    for name in ["rules/big.test.yaml", "rules/lib/x.lua", "fixtures/a.jsonl", "fixtures/goldens/big/a.json"]
    {
      try workspace.write("x", to: name)
      let now = TestStamps.of(workspace.file("rules"))
      #expect(now != before, "\(name)")
      before = now
    }
    for name in ["rules/sedAb12", "rules/big.lua~", "rules/lib/x.lua.tmp"] {
      try workspace.write("x", to: name)
    }
    #expect(TestStamps.of(workspace.file("rules")) == before)
  }
}
