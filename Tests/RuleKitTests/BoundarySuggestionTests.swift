import Documents
import RuleEngine
import Testing

@testable import RuleKit

@Suite("Tests that sit on a bound")
struct BoundarySuggestionTests {
  private static let rule = """
    local R = rule {
      title = "x", severity = "high",
      params = { min_usd = param.usd(1000), min_n = param.int(3) },
      windows = {
        w = window.sliding {
          by = { "user" }, span = "10m", where = { usd_floor = at_least(usd(50)) },
          agg = { n = count(), usd = sum "usd", lo = min "price", hi = max "price" },
        },
      },
      where = { ["w.usd"] = at_least "min_usd" },
    }
    function R.on_order(o, w)
      if w.w.n < R.params.min_n then return end
      if w.w.hi - w.w.lo >= cents(10) then return end
      signal { title = "x", confidence = 0.5 }
    end
    return R
    """

  private static let file = """
    rule: x
    wallets: { alice: "0xa11ce0" }
    markets: { btc: { Yes: "8031" } }
    tests:
      - name: fires
        orders: |
          +0s  alice BUY 1000 @0.50 btc.Yes
          +10s alice BUY 500  @0.52 btc.Yes
          +20s alice BUY 1000 @0.54 btc.Yes   #> high

    """

  private static func noRecordings(_ name: String) throws(PlacedProblem) -> [TestOrder] { [] }

  private static func subject(_ file: String = BoundarySuggestionTests.file) throws -> RuleMutationSubject {
    let sources = RuleSources(rules: [.init(name: "x", source: Array(rule.utf8))])
    let tests = try RuleTestFile.read(file, path: "x.test.yaml", recordings: noRecordings).tests
    return try #require(try RuleMutationSubject(sources, rule: "x", tests: tests))
  }

  /// The mutant of a kind that changes a text in a line.
  private static func mutant(
    _ subject: RuleMutationSubject, _ line: Int, _ kind: MutantKind, _ text: String
  ) throws -> Mutant {
    let found = try Mutant.all(in: subject.source).first { mutant in
      mutant.line == line && mutant.kind == kind
        && String(decoding: subject.source[mutant.range], as: UTF8.self) == text
    }
    return try #require(found)
  }

  @Test(
    "a survivor of a bound gets a test that the rule passes and the mutant fails",
    arguments: [
      (3, MutantKind.more, "1000", "w.usd exactly $1,000.00"),
      (3, .less, "1000", "w.usd just below $1,000.00"),
      (3, .less, "3", "w.w.n just below 3"), (6, .more, "50", "usd_floor exactly $50.00"),
      (6, .less, "50", "usd_floor just below $50.00"), (14, .boundary, ">=", "w.w.hi - w.w.lo exactly $0.10"),
      (14, .more, "10", "w.w.hi - w.w.lo exactly $0.10"),
      (14, .less, "10", "w.w.hi - w.w.lo just below $0.10"),
    ])
  func solved(line: Int, kind: MutantKind, text: String, name: String) throws {
    let subject = try BoundarySuggestionTests.subject()
    let mutant = try BoundarySuggestionTests.mutant(subject, line, kind, text)
    let suggestion = try BoundarySuggestion.find(
      for: mutant, of: subject, file: BoundarySuggestionTests.file, path: "x.test.yaml",
      recordings: BoundarySuggestionTests.noRecordings)
    #expect(suggestion.name == name)
    #expect(suggestion.appendix.file.hasPrefix(BoundarySuggestionTests.file))
    let after = try BoundarySuggestionTests.subject(suggestion.appendix.file)
    #expect(after.tests == ["fires", name])
    #expect(after.run(test: 1, source: after.source) == .passed)
    #expect(after.run(test: 1, source: mutant.apply(to: after.source)) == .failed)
    #expect(suggestion.notices(mutant, of: subject))
  }

  @Test("the test is written as people write them")
  func written() throws {
    let subject = try BoundarySuggestionTests.subject()
    let suggestion = try BoundarySuggestion.find(
      for: try BoundarySuggestionTests.mutant(subject, 3, .more, "1000"), of: subject,
      file: BoundarySuggestionTests.file, path: "x.test.yaml",
      recordings: BoundarySuggestionTests.noRecordings)
    #expect(
      suggestion.appendix.text == """
          - name: "w.usd exactly $1,000.00"
            orders: |
              +0s  alice BUY 1000 @0.5  btc.Yes
              +10s alice BUY  500 @0.52 btc.Yes
              +20s alice BUY  480 @0.5  btc.Yes   #> high

        """)
  }

  @Test(
    "where there is none, the reason is said",
    arguments: [
      (15, MutantKind.more, "0.5", "the number is not compared with anything"),
      (6, .longer, "\"10m\"", "only comparisons and amounts have a bound to sit on"),
    ])
  func unsolved(line: Int, kind: MutantKind, text: String, reason: String) throws {
    let subject = try BoundarySuggestionTests.subject()
    let mutant = try BoundarySuggestionTests.mutant(subject, line, kind, text)
    #expect(throws: BoundarySuggestion.None(reason: reason)) {
      try BoundarySuggestion.find(
        for: mutant, of: subject, file: BoundarySuggestionTests.file, path: "x.test.yaml",
        recordings: BoundarySuggestionTests.noRecordings)
    }
  }

  @Test("a file whose list of tests is not at its end is left alone")
  func notAtTheEnd() throws {
    let file = BoundarySuggestionTests.file + "clock: 2026-03-01T12:00:00Z\n"
    let subject = try BoundarySuggestionTests.subject(file)
    let mutant = try BoundarySuggestionTests.mutant(subject, 14, .boundary, ">=")
    #expect(throws: BoundarySuggestion.None.self) {
      try BoundarySuggestion.find(
        for: mutant, of: subject, file: file, path: "x.test.yaml",
        recordings: BoundarySuggestionTests.noRecordings)
    }
  }

  @Test("what all tests of the file share is left out, what a test has of its own is written")
  func settings() throws {
    let file = BoundarySuggestionTests.file.replacing(
      "  - name: fires\n",
      with: "  - name: fires\n    clock: 2026-02-01T00:00:00Z\n    params: { min_n: 2 }\n"
    )
    let subject = try BoundarySuggestionTests.subject(file)
    let suggestion = try BoundarySuggestion.find(
      for: try BoundarySuggestionTests.mutant(subject, 14, .boundary, ">="), of: subject, file: file,
      path: "x.test.yaml", recordings: BoundarySuggestionTests.noRecordings)
    #expect(suggestion.appendix.text.contains("    params: { min_n: \"2\" }\n"))
  }

  @Test("the lines that a test comes by are known, and a mutant that does not load is told")
  func subjects() throws {
    let subject = try BoundarySuggestionTests.subject()
    let quiet = try BoundarySuggestionTests.subject(
      BoundarySuggestionTests.file + """
          - name: small
            orders: |
              +0s alice BUY 1 @0.50 btc.Yes

        """)
    for (line, kind, text, isReached) in [
      (6, MutantKind.more, "50", true), (13, .boundary, "<", false), (15, .more, "0.5", false),
    ] {
      let mutant = try BoundarySuggestionTests.mutant(quiet, line, kind, text)
      #expect(quiet.reaches(mutant, test: 0))
      #expect(quiet.reaches(mutant, test: 1) == isReached)
    }
    #expect(subject.refusal(of: subject.source) == nil)
    #expect(subject.refusal(of: Array("return 1".utf8)) != nil)
    let endless = BoundarySuggestionTests.rule.replacing("signal {", with: "while true do end signal {")
    #expect(subject.run(test: 0, source: Array(endless.utf8)) == .overtime)
  }

  @Test("a golden notices a mutant that changes what it holds")
  func golden() throws {
    let orders = try BoundarySuggestionTests.subject().ruleTests[0].events.compactMap(\.order)
    let file = "rule: x\ntests:\n  - name: recorded\n    recorded: x.jsonl\n    golden: auto\n"
    let tests = try RuleTestFile.read(
      file, path: "x.test.yaml", recordings: { _ throws(PlacedProblem) in orders }
    )
    .tests
    let sources = RuleSources(rules: [.init(name: "x", source: Array(BoundarySuggestionTests.rule.utf8))])
    let subject = try #require(try RuleMutationSubject(sources, rule: "x", tests: tests))
    #expect(subject.run(test: 0, source: subject.source) == .passed)
    let mutant = try BoundarySuggestionTests.mutant(subject, 15, .more, "0.5")
    #expect(subject.run(test: 0, source: mutant.apply(to: subject.source)) == .failed)
    #expect(throws: BoundarySuggestion.None.self) {
      try BoundarySuggestion.find(
        for: try BoundarySuggestionTests.mutant(subject, 14, .boundary, ">="), of: subject, file: file,
        path: "x.test.yaml", recordings: BoundarySuggestionTests.noRecordings)
    }
  }
}
