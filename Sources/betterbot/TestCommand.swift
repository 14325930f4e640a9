import ArgumentParser
import Files
import Glibc
import OrderFlow
import Pipeline
import RuleEngine
import RuleKit

/// `betterbot test`: runs the tests beside the rules.
struct TestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Run the tests of rules and show what is not as it is due; exit 1 then.",
    discussion: """
      The tests of rules/NAME.lua are in rules/NAME.test.yaml; docs/testing.md says how they are written. \
      Recordings and goldens are found from the folder that holds the rules folder. Examples:

        betterbot test
        betterbot test sweep --filter restart --watch
        betterbot test --format junit > report.xml
      """)

  enum Format: String, ExpressibleByArgument { case human, json, junit, tap }

  @OptionGroup var ruleOptions: RuleOptions
  @Option(name: .long, help: "Run only tests whose 'rule: name' has this in it.") var filter: String?
  @Flag(name: .long, help: "Run again whenever a rule, a test or a recording changes.") var watch = false
  @Option(name: .long, help: "human, json, junit or tap.") var format = Format.human
  @Flag(name: .customLong("fail-fast"), help: "Stop at the first test that fails.") var failFast = false
  @Option(name: .customLong("min-tests"), help: "Fail when fewer tests than this were run.") var minTests = 1
  @Flag(name: .long, help: "Run every test under every fault as well, and list rules that depend on it.")
  var faults = false
  @Flag(name: .long, help: "Write the goldens as this run gives them.") var accept = false
  @Flag(name: .long, help: "Walk through what is different from the goldens, and ask.") var review = false
  @Flag(name: .long, help: "Show what the tests do not cover.") var coverage = false
  @Option(name: .long, help: "Write what they cover to this file, as editors read it (LCOV).") var lcov:
    String?
  @Option(name: .long, help: "Fail when they cover less than this many percent.") var threshold: Double?
  @Option(name: .long, help: "Threads that rules are spread over. (default: one a processor)") var threads:
    Int?
  @Argument(help: "Rules to test. (default: all that have tests)") var only: [String] = []

  func validate() throws {
    if let threads, !(1...64).contains(threads) {
      throw ValidationError("--threads is a number from 1 to 64")
    }
    if let threshold, !(0...100).contains(threshold) {
      throw ValidationError("--threshold is a number of percent from 0 to 100")
    }
    if minTests < 0 { throw ValidationError("--min-tests is not negative") }
    if accept && review { throw ValidationError("--accept writes all goldens, --review asks: choose one") }
    if watch && format != .human { throw ValidationError("--watch goes with --format human") }
    if watch && (accept || review) {
      throw ValidationError("--watch only looks: leave --accept and --review out")
    }
  }

  func run() throws {
    if watch { try TestWatch(self).run() }
    try check(try once())
  }

  /// One run over everything, reported.
  func once() throws -> TestOutcome {
    let sources = try ruleOptions.read()
    var options = TestSession.Options()
    options.rules = only
    options.filter = filter
    options.failsFast = failFast
    options.triesFaults = faults
    options.covers = coverage || lcov != nil || threshold != nil
    options.threads = threads ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    let folder = TestFolder(rules: ruleOptions.rules)
    let session = TestSession(folder, sources, options)
    var (results, seconds) = session.run()
    if accept { try acceptGoldens(session, &results) }
    // What a filter or --fail-fast left out is neither fine nor wrong.
    if filter != nil || failFast { results.removeAll { $0.file.verdicts.isEmpty && $0.file.problem == nil } }
    let outcome = TestOutcome(
      session: session, results: results, seconds: seconds,
      untested: only.isEmpty && filter == nil ? untested(sources, folder) : [])
    show(outcome)
    try writeCoverage(outcome)
    if review { try GoldenReview(session, results).run() }
    return outcome
  }

  private func untested(_ sources: RuleSources, _ folder: TestFolder) -> [String] {
    let tested = Set(folder.tested())
    return sources.rules.map(\.name).filter { !tested.contains($0) }
  }

  // MARK: What is said

  private func show(_ outcome: TestOutcome) {
    let report = outcome.report
    switch format {
    case .json:
      Output.standard.write(
        report.json(coverage: coverage ? outcome.coverage.json : nil) + [UInt8(ascii: "\n")])
    case .junit: Output.standard.write(report.junit)
    case .tap: for line in report.tap { Output.standard.line(line) }
    case .human:
      // What is wrong with the filter is said alone.
      if report.verdicts.isEmpty, report.isPassed { return }
      let colours = Output.standard.hasColour ? TestReport.Colours.terminal : .none
      for line in report.lines(colours, clean: TerminalText.line) { Output.standard.write(line + "\n") }
      for result in outcome.results { showFaults(result) }
      for rule in outcome.untested { Output.standard.line("  \(rule) has no tests") }
      if coverage {
        for line in outcome.coverage.text.split(separator: "\n") { Output.standard.line(String(line)) }
      }
      Output.standard.line("\(report.summary)\(outcome.broken) in \(EventTime.seconds(outcome.seconds))")
    }
    Output.standard.flush()
  }

  private func writeCoverage(_ outcome: TestOutcome) throws {
    guard let lcov else { return }
    do {
      try SmallFile.write(Array(outcome.coverage.lcov.utf8), to: lcov)
    } catch {
      throw Output.fail(error.description, .badInput)
    }
  }

  private func showFaults(_ result: TestSession.Result) {
    guard let faults = result.faults else { return }
    let rule = result.file.rule
    if faults.findings.isEmpty {
      Output.standard.line("  \(rule): \(faults.runs) runs with faults, all the same")
      return
    }
    for finding in faults.findings {
      let word = finding.isForbidden ? "breaks" : "is fragile"
      Output.standard.line("  \(rule) \(word) under \(finding.injection.text): \(finding.test)")
      Output.standard.line("      \(finding.message)")
    }
  }

  // MARK: How it ends

  private func check(_ outcome: TestOutcome) throws {
    let report = outcome.report
    if outcome.results.contains(where: \.isRefused) { throw ExitCode.badRule }
    if report.files.contains(where: { $0.problem != nil }) { throw ExitCode.badInput }
    let count = report.verdicts.count
    if count == 0, let filter {
      throw Output.fail("--filter \(filter): no test's 'rule: name' has that in it", .badInput)
    }
    if count == 0 {
      throw Output.fail(
        "there is no test: write \(ruleOptions.rules)/NAME.test.yaml (docs/testing.md)", .badInput)
    }
    if !report.isPassed { throw ExitCode.differs }
    if let threshold, let problem = outcome.coverage.problem(below: threshold) {
      throw Output.fail(problem, .differs)
    }
    if count < minTests { throw Output.fail("\(count) tests were run, and not \(minTests)", .differs) }
    if outcome.results.contains(where: { $0.faults?.findings.contains(where: \.isForbidden) ?? false }) {
      throw ExitCode.differs
    }
  }

  private func acceptGoldens(_ session: TestSession, _ results: inout [TestSession.Result]) throws {
    var written: [String] = []
    for golden in results.flatMap(\.goldens) {
      do {
        try session.write(golden)
        written.append(golden.path)
      } catch {
        throw Output.fail(error.description, .badInput)
      }
    }
    for path in written { Output.error.line("wrote \(path)") }
    // What was written is what is compared from now on.
    if !written.isEmpty { results = session.run().results }
  }
}

/// What one run of `betterbot test` gave.
struct TestOutcome {
  let session: TestSession
  let results: [TestSession.Result]
  let seconds: Double
  /// Rules without a test file.
  let untested: [String]

  /// What is said of rules that faults break, behind the count of tests.
  var broken: String {
    let count = results.count { $0.faults?.findings.contains(where: \.isForbidden) ?? false }
    return count == 0 ? "" : ", \(count) rule\(count == 1 ? " breaks" : "s break") under faults"
  }

  var report: TestReport { TestReport(files: results.map(\.file)) }
  var coverage: CoverageReport { CoverageReport(results.compactMap(\.coverage)) }
}
