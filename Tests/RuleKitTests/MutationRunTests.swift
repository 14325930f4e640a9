import Testing
import Wire

@testable import RuleKit

@Suite("Mutation testing")
struct MutationRunTests {
  /// Tests that fail when a piece of the text is gone.
  private struct Needles: MutationSubject {
    var source: [UInt8]
    /// What each needs to find in the text.
    var tests: [String]
    var reach: [[Int]] = []

    func reaches(_ mutant: Mutant, test: Int) -> Bool {
      reach.isEmpty || reach[test].contains(mutant.line)
    }

    func refusal(of source: [UInt8]) -> String? {
      String(decoding: source, as: UTF8.self).contains("usd(99.99)") ? "too little" : nil
    }

    func run(test: Int, source: [UInt8]) -> MutationTrial {
      let text = String(decoding: source, as: UTF8.self)
      if text.contains("o.c - 1") { return .overtime }
      return text.contains(tests[test]) ? .passed : .failed
    }
  }

  private static let text = """
    local R = rule { title = "x", where = { usd = at_least(usd(100)) } }
    function R.on_order(o)
      if o.a < o.b then f(o.c + 1) end
    end
    return R
    """

  private static func report(
    _ tests: [String], reach: [[Int]] = [], text: String = MutationRunTests.text, threads: Int = 1
  ) throws -> MutationReport {
    var options = MutationRun.Options()
    options.threads = threads
    return try MutationRun(options).run(
      Needles(source: Array(text.utf8), tests: tests, reach: reach), rule: "x")
  }

  @Test("a mutant is killed by the first test that fails, or survives them all")
  func outcomes() throws {
    let report = try MutationRunTests.report(["o.a < o.b", "f(o.c"])
    let lines = report.results.map { "\($0.mutant.kind.rawValue) \($0.outcome)" }
    #expect(
      lines == [
        "where survived(ran: 2)", "more survived(ran: 2)", "less invalid(\"too little\")",
        "boundary killed(by: \"o.a < o.b\")", "arithmetic overtime(by: \"o.a < o.b\")",
        "more survived(ran: 2)", "less survived(ran: 2)",
      ])
    #expect(report.score == MutationScore(killed: 2, survived: 4))
    #expect(report.summary == "x: 33.3 % (2 of 6 noticed, 4 not; 1 does not load; 2 tests)")
  }

  @Test("only tests that come by the place of a mutant are run")
  func coverage() throws {
    let report = try MutationRunTests.report(["o.a < o.b", "o.c"], reach: [[1], [1]])
    #expect(report.results.map(\.outcome).filter { $0 == .survived(ran: 0) }.count == 4)
    #expect(report.results[0].outcome == .survived(ran: 2))
    #expect(report.questions.contains("      [boundary] `<` becomes `<=`; no test comes by"))
  }

  @Test("the outcome is the same on many threads", arguments: [2, 7, 40])
  func threads(count: Int) throws {
    let tests = ["o.a < o.b", "f(o.c"]
    #expect(try MutationRunTests.report(tests, threads: count) == MutationRunTests.report(tests))
  }

  @Test("tests that fail without any mutant are said, and nothing is measured")
  func failing() {
    #expect(throws: MutationRun.Failure.failing(test: "o.z", .failed)) {
      try MutationRunTests.report(["o.a", "o.z"])
    }
  }

  @Test("a mutant whose tests take longer than anybody waits is killed by that")
  func limit() throws {
    var options = MutationRun.Options()
    options.limit = .seconds(-1)
    options.factor = 0
    let text = Array(MutationRunTests.text.utf8)
    let subject = Needles(source: text, tests: ["rule", "title"])
    var told: [Int] = []
    let report = try MutationRun(options).run(subject, rule: "x") { done, count in told.append(done * count) }
    #expect(Set(report.results.map(\.outcome)).isSubset(of: [.overtime(by: "rule"), .invalid("too little")]))
    #expect(told == (1...7).map { $0 * 7 })
  }

  @Test("long tests take long with every text, which kills no mutant")
  func slow() throws {
    var options = MutationRun.Options()
    options.limit = .seconds(-1)
    options.factor = 1_000_000_000
    let text = Array(MutationRunTests.text.utf8)
    let report = try MutationRun(options).run(Needles(source: text, tests: ["rule", "title"]), rule: "x")
    #expect(report.results.count { $0.outcome == .survived(ran: 2) } == 5)
    #expect(report.killed == 1)
  }

  @Test("survivors are asked by line, with the line")
  func questions() throws {
    let report = try MutationRunTests.report(["o.a < o.b", "f(o.c", "usd(100))"])
    #expect(
      report.questions == [
        "  x.lua:3: if o.a < o.b then f(o.c + 1) end", "    ? no test tells 1 from 2",
        "      [more] `1` becomes `2`", "    ? no test tells 1 from 0", "      [less] `1` becomes `0`",
      ])
  }

  @Test("what a comment allows to survive does not count")
  func allowed() throws {
    let text = MutationRunTests.text.replacing("end\nend", with: "end -- betterbot: allow mutants\nend")
    let report = try MutationRunTests.report(["o.a < o.b", "f(o.c", "at_least(usd(100))"], text: text)
    #expect(report.survivors == [])
    #expect(report.allowed == 2)
    #expect(report.score.text == "100.0 %")
  }

  @Test("a score reaches a threshold exactly, and is never rounded up to it")
  func score() {
    #expect(MutationScore(killed: 9, survived: 1).reaches(percent: 90))
    #expect(!MutationScore(killed: 899, survived: 101).reaches(percent: 90))
    #expect(MutationScore(killed: 1999, survived: 1).text == "99.9 %")
    #expect(MutationScore(killed: 0, survived: 0).text == "100.0 %")
  }

  @Test("the report as JSON")
  func json() throws {
    var json = JSONWriter()
    try MutationRunTests.report(["o.a < o.b"]).write(to: &json)
    #expect(
      json.text.hasPrefix(
        "{\"rule\":\"x\",\"tests\":1,\"killed\":2,\"survived\":4,\"allowed\":0,\"invalid\":1,"))
    #expect(json.text.contains("\"outcome\":\"killed\",\"by\":\"o.a < o.b\"}"))
    #expect(json.text.contains("\"reason\":\"too little\""))
  }
}
