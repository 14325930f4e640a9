import ArgumentParser
import Pipeline
import RuleEngine
import RuleKit
import Wire

/// `betterbot check`: loads every rule, looks it over without running it, and says what is wrong.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Load and lint every rule and print what is wrong; exit 2 for an error.",
    discussion: """
      An error is a rule that does not load, or a finding of the lint that makes it wrong whatever the orders \
      are. Warnings are printed and change nothing. `-- betterbot: allow NAME` in a line of the rule allows a \
      finding by its name. Example:

        betterbot check --rules rules
      """)

  enum Format: String, ExpressibleByArgument { case human, json }

  @OptionGroup var ruleOptions: RuleOptions
  @Option(name: .long, help: "human or json.") var format = Format.human

  func run() throws {
    let sources = try ruleOptions.read()
    var options = Engine.Options()
    options.skipsBadRules = true
    let engine = try Engine(sources, options: options)
    let findings = findings(in: sources, but: engine.skipped)
    switch format {
    case .human: printHuman(engine, findings)
    case .json: printJSON(engine, findings)
    }
    if !engine.skipped.isEmpty || findings.contains(where: { $0.severity == .error }) {
      throw ExitCode.badRule
    }
  }

  /// What the lint finds and the engine did not say already: it stops at a file's first problem.
  private func findings(in sources: RuleSources, but skipped: [RuleProblem]) -> [LintFinding] {
    Lint.check(sources).filter { finding in
      !skipped.contains { problem in
        problem.file == finding.file && (problem.line == finding.line || finding.check == .syntax)
      }
    }
  }

  private func printHuman(_ engine: Engine, _ findings: [LintFinding]) {
    for problem in engine.skipped { Output.standard.line("\(ruleOptions.rules)/\(problem)") }
    for finding in findings { Output.standard.line("\(ruleOptions.rules)/\(finding)") }
    if !findings.isEmpty {
      let errors = findings.count { $0.severity == .error }
      let warnings = findings.count - errors
      Output.standard.write(
        "the lint found \(errors) \(errors == 1 ? "error" : "errors") and "
          + "\(warnings) \(warnings == 1 ? "warning" : "warnings")\n")
    }
    let good = engine.rules.count
    let bad = engine.skipped.count
    Output.standard.write(
      "\(good) \(good == 1 ? "rule loads" : "rules load"), \(bad) \(bad == 1 ? "does" : "do") not; "
        + "version \(engine.version)\n")
  }

  private func printJSON(_ engine: Engine, _ findings: [LintFinding]) {
    var out = Array("{\"version\":\"\(engine.version)\",\"rules\":[".utf8)
    for (place, rule) in engine.rules.enumerated() {
      if place > 0 { out.append(UInt8(ascii: ",")) }
      JSONText.quote(rule, to: &out)
    }
    out.append(contentsOf: "],\"problems\":[".utf8)
    for (place, problem) in engine.skipped.enumerated() {
      out.append(contentsOf: "\(place > 0 ? "," : ""){\"rule\":".utf8)
      JSONText.quote(problem.rule, to: &out)
      out.append(contentsOf: ",\"file\":".utf8)
      JSONText.quote(problem.file, to: &out)
      out.append(contentsOf: ",\"line\":\(problem.line),\"message\":".utf8)
      JSONText.quote(problem.message, to: &out)
      out.append(UInt8(ascii: "}"))
    }
    out.append(contentsOf: "],\"findings\":[".utf8)
    for (place, finding) in findings.enumerated() {
      out.append(contentsOf: "\(place > 0 ? "," : ""){\"name\":\"\(finding.name)\",".utf8)
      out.append(contentsOf: "\"severity\":\"\(finding.severity.rawValue)\",\"file\":".utf8)
      JSONText.quote(finding.file, to: &out)
      out.append(contentsOf: ",\"line\":\(finding.line),\"column\":\(finding.column),\"message\":".utf8)
      JSONText.quote(finding.message, to: &out)
      out.append(UInt8(ascii: "}"))
    }
    out.append(contentsOf: "]}\n".utf8)
    Output.standard.write(out)
  }
}
