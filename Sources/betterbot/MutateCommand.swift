import ArgumentParser
import Documents
import Glibc
import Pipeline
import RuleEngine
import RuleKit
import Wire

/// `betterbot mutate`: breaks rules in small ways and says which of them no test notices.
struct MutateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mutate", abstract: "Break rules in small ways, and show what no test notices.",
    discussion: """
      Each mutant is a rule with one small change: `>=` becomes `>`, a key of `by` is dropped, a span is a tenth \
      longer. The tests in rules/NAME.test.yaml that come by the place are run over it; when all of them pass, \
      nobody would notice the mistake. Those mutants are printed as questions. What may not matter is allowed by \
      `-- betterbot: allow mutants` in a line of the rule.

        betterbot mutate sweep
        betterbot mutate sweep --suggest
        betterbot mutate --threshold 90

      --suggest looks for a test that sits exactly on a bound which no test sits on, and adds it after a y. \
      Exit 1: a score is under the threshold, or a test fails without any mutant.
      """)

  enum Format: String, ExpressibleByArgument { case human, json }

  @OptionGroup var ruleOptions: RuleOptions
  @Option(name: .long, help: "human or json.") var format = Format.human
  @Flag(name: .long, help: "Look for tests that notice surviving comparisons, and ask whether to add them.")
  var suggest = false
  @Flag(name: .long, help: "Add what --suggest finds without asking.") var yes = false
  @Option(name: .long, help: "Exit 1 unless each rule's score is at least so many percent.")
  var threshold: Int?
  @Option(name: .long, help: "Threads. (default: the processors)") var threads: Int?
  @Argument(help: "Rules. (default: all)") var names: [String] = []

  func validate() throws {
    if let threads, !(1...64).contains(threads) {
      throw ValidationError("--threads is a number from 1 to 64")
    }
    if let threshold, !(0...100).contains(threshold) {
      throw ValidationError("--threshold is a number of percent from 0 to 100")
    }
    if yes, !suggest { throw ValidationError("--yes goes with --suggest: there is nothing else to add") }
    if suggest, format == .json {
      throw ValidationError("--suggest shows tests and asks: it goes with --format human")
    }
  }

  func run() throws {
    let sources = try ruleOptions.read()
    let known = sources.rules.map(\.name)
    for name in names where !known.contains(name) {
      let hint = NearestName.hintOrList(name, of: known)
      throw Output.fail("there is no rule '\(name)' in \(ruleOptions.rules)\(hint)", .badInput)
    }
    var reports: [MutationReport] = []
    for rule in known where names.isEmpty || names.contains(rule) {
      reports.append(try look(at: rule, sources))
    }
    if format == .json { printJSON(reports) } else { printTotal(reports) }
    try judge(reports)
  }

  // MARK: One rule

  private func look(at rule: String, _ sources: RuleSources) throws -> MutationReport {
    let folder = TestFolder(rules: ruleOptions.rules)
    let file = try passingTests(of: rule, sources, folder)
    do {
      guard let subject = try RuleMutationSubject(sources, rule: rule, tests: file?.tests ?? []) else {
        throw Output.fail("there is no rule \(rule) in \(ruleOptions.rules)", .badInput)
      }
      let report = try report(subject, rule)
      if format == .human { show(report) }
      if suggest, let file {
        try Suggestions(subject: subject, folder: folder, path: file.path, isAdding: yes).make(report)
      }
      return report
    } catch let refusal as Engine.Refusal {
      for problem in refusal.problems { Output.error.line("betterbot: \(ruleOptions.rules)/\(problem)") }
      throw ExitCode.badRule
    }
  }

  /// The tests of a rule, which pass as the rule is; nil when there are none.
  private func passingTests(
    of rule: String, _ sources: RuleSources, _ folder: TestFolder
  ) throws -> RuleTestFile? {
    guard folder.tested().contains(rule) else { return nil }
    var options = TestSession.Options()
    options.rules = [rule]
    for result in TestSession(folder, sources, options).run().results {
      if let problem = result.file.problem {
        throw Output.fail(problem, result.isRefused ? .badRule : .badInput)
      }
      let failing = result.file.verdicts.filter { !$0.isPassed }.map { "'\($0.test.name)'" }
      if failing.isEmpty { continue }
      throw Output.fail(
        "\(result.file.path): \(failing.joined(separator: ", ")) must pass first: "
          + "run betterbot test \(rule)", .differs)
    }
    guard case .file(let file) = folder.read(rule, among: sources) else { return nil }
    return file
  }

  private func report(_ subject: RuleMutationSubject, _ rule: String) throws -> MutationReport {
    var options = MutationRun.Options()
    options.threads = threads ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    let isShown = Output.error.isInteractive
    defer { if isShown { Output.error.write("\r\u{1B}[K") } }
    do throws(MutationRun.Failure) {
      return try MutationRun(options).run(subject, rule: rule) { done, count in
        if isShown { Output.error.write("\r\u{1B}[K\(rule): \(done) of \(count) mutants") }
      }
    } catch {
      switch error {
      case .syntax(let error):
        throw Output.fail("\(ruleOptions.rules)/\(rule).lua:\(error.line): \(error.message)", .badRule)
      case .failing(let test, _):
        throw Output.fail("\(rule): '\(test)' must pass first: run betterbot test \(rule)", .differs)
      }
    }
  }

  // MARK: What is said

  private func show(_ report: MutationReport) {
    Output.standard.line(report.summary)
    if report.tests == 0 {
      Output.standard.line("  there is no test: write \(ruleOptions.rules)/\(report.rule).test.yaml")
      return
    }
    for line in report.questions { Output.standard.line(line) }
  }

  private func printTotal(_ reports: [MutationReport]) {
    guard reports.count > 1 else { return }
    let total = reports.map(\.score).reduce(MutationScore(killed: 0, survived: 0), +)
    Output.standard.line(
      "all \(reports.count) rules: \(total.text) (\(total.killed) of \(total.total) noticed)")
  }

  private func printJSON(_ reports: [MutationReport]) {
    var json = JSONWriter()
    json.object { json in
      json.key("rules")
      json.array { json in for report in reports { report.write(to: &json) } }
      let total = reports.map(\.score).reduce(MutationScore(killed: 0, survived: 0), +)
      json.member("killed", Int64(total.killed))
      json.member("survived", Int64(total.survived))
    }
    Output.standard.write(json.bytes + [UInt8(ascii: "\n")])
  }

  private func judge(_ reports: [MutationReport]) throws {
    guard let threshold else { return }
    let low = reports.filter { !$0.score.reaches(percent: threshold) }
    if low.isEmpty { return }
    let list = low.map { "\($0.rule) \($0.score.text)" }.joined(separator: ", ")
    throw Output.fail("under the threshold of \(threshold) %: \(list)", .differs)
  }
}
