import ArgumentParser
import Pipeline
import RuleEngine

/// The folder of rules, and what is said about them on the command line.
struct RuleOptions: ParsableArguments {
  @Option(name: .long, help: "The folder of rules.")
  var rules = "rules"

  /// Reads the folder; says what is wrong and ends with 3 when it cannot be read.
  func read(parameters: [String] = []) throws -> RuleSources {
    let parsed = try RuleOptions.parse(parameters)
    let sources: RuleSources
    do throws(RuleFolder.Failure) {
      sources = try RuleFolder.read(rules, parameters: parsed)
    } catch {
      throw Output.fail(error.description, .badInput)
    }
    for rule in parsed.keys.sorted() where !sources.rules.contains(where: { $0.name == rule }) {
      throw Output.fail("--param \(rule).…: there is no rule \(rule) in \(rules)", .badInput)
    }
    return sources
  }

  /// `RULE.NAME=VALUE` texts by rule and name.
  static func parse(_ texts: [String]) throws -> [String: [String: String]] {
    var result: [String: [String: String]] = [:]
    for text in texts {
      let halves = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let names = halves[0].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
      guard halves.count == 2, names.count == 2, !names[0].isEmpty, !names[1].isEmpty else {
        throw Output.fail(
          "--param \(text): write RULE.NAME=VALUE, such as whale_order.min_usd=50000", .badInput)
      }
      result[String(names[0]), default: [:]][String(names[1])] = String(halves[1])
    }
    return result
  }

  /// Prints every problem and returns how to end.
  func report(_ problems: [RuleProblem]) -> ExitCode { RuleOptions.report(problems, in: rules) }

  /// Prints every problem of the rules in a folder and returns how to end.
  static func report(_ problems: [RuleProblem], in rules: String) -> ExitCode {
    for problem in problems { Output.error.line("\(rules)/\(problem)") }
    let count = problems.count == 1 ? "1 rule does" : "\(problems.count) rules do"
    return Output.fail("\(count) not load; nothing was run (--skip-bad runs the others)", .badRule)
  }
}
