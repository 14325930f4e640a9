import ArgumentParser
import Pipeline
import RuleEngine

/// `betterbot check`: loads every rule and says what is wrong.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Load every rule and print every problem; exit 2 if there is one.")

  enum Format: String, ExpressibleByArgument { case human, json }

  @OptionGroup var ruleOptions: RuleOptions
  @Option(name: .long, help: "human or json.") var format = Format.human

  func run() throws {
    let sources = try ruleOptions.read()
    var options = Engine.Options()
    options.skipsBadRules = true
    let engine = try Engine(sources, options: options)
    switch format {
    case .human: printHuman(engine)
    case .json: printJSON(engine)
    }
    if !engine.skipped.isEmpty { throw ExitCode.badRule }
  }

  private func printHuman(_ engine: Engine) {
    for problem in engine.skipped { Output.standard.line("\(ruleOptions.rules)/\(problem)") }
    let good = engine.rules.count
    let bad = engine.skipped.count
    Output.standard.write(
      "\(good) \(good == 1 ? "rule loads" : "rules load"), \(bad) \(bad == 1 ? "does" : "do") not; "
        + "version \(engine.version)\n")
  }

  private func printJSON(_ engine: Engine) {
    var out = Array("{\"version\":\"\(engine.version)\",\"rules\":[".utf8)
    for (place, rule) in engine.rules.enumerated() {
      if place > 0 { out.append(UInt8(ascii: ",")) }
      SignalLine.quote(rule, &out)
    }
    out.append(contentsOf: "],\"problems\":[".utf8)
    for (place, problem) in engine.skipped.enumerated() {
      out.append(contentsOf: "\(place > 0 ? "," : ""){\"rule\":".utf8)
      SignalLine.quote(problem.rule, &out)
      out.append(contentsOf: ",\"file\":".utf8)
      SignalLine.quote(problem.file, &out)
      out.append(contentsOf: ",\"line\":\(problem.line),\"message\":".utf8)
      SignalLine.quote(problem.message, &out)
      out.append(UInt8(ascii: "}"))
    }
    out.append(contentsOf: "]}\n".utf8)
    Output.standard.write(out)
  }
}
