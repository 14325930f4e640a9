import ArgumentParser
import Files
import Glibc
import Journal
import OrderFlow
import Pipeline
import RuleEngine
import RuleKit

extension FixtureCommand {
  /// `betterbot fixture from-signal`: the smallest flow that still gives a signal, as a test.
  struct FromSignal: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "from-signal", abstract: "Write a test with the fewest orders that still give a signal.",
      discussion: """
        The orders in front of the signal are left out piece by piece, as long as the rule still says the same at \
        its event. What is left is printed as a test file, which passes.

          betterbot fixture from-signal f2349829 > rules/sweep.test.yaml

        Exit 1: the rules of the folder do not give the signal from what the journal holds.
        """)

    @OptionGroup var rules: RuleOptions
    @Option(name: .long, help: "The journal.") var db = "betterbot.db"
    @Option(name: .customLong("param"), help: "RULE.NAME=VALUE, where the journal does not keep the rules.")
    var parameters: [String] = []
    @Flag(name: .long, help: "Keep the data of the signal as it is, and not only its severity.") var exact =
      false
    @Option(name: .long, help: "The file to write; it must not be there yet. (default: standard output)")
    var out: String?
    @Argument(help: "A signal's id, or at least its first six digits.") var signal: String

    func validate() throws {
      let isHex = signal.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) }
      if !isHex || !(6...32).contains(signal.utf8.count) {
        throw ValidationError("\(signal) is no signal's id: 6 to 32 hexadecimal digits")
      }
    }

    func run() throws {
      if let out, SmallFile.isTaken(out) {
        throw Output.fail(
          "\(out) is there already: leave --out away, and add what is printed to it by hand", .badInput)
      }
      do {
        let reader = try JournalReader(path: db)
        let signal = try reader.signalOfRule(idPrefix: signal, in: db)
        let text = try draft(signal, reader)
        guard let out else { return Output.standard.write(text) }
        try write(text, to: out, rule: signal.rule)
      } catch let failure as JournalError {
        throw Output.fail(failure.description, .badInput)
      } catch let failure as RuleFolder.Failure {
        throw Output.fail(failure.description, .badInput)
      } catch let refusal as Engine.Refusal {
        throw rules.report(refusal.problems)
      } catch let missing as EventRerun.Missing {
        throw Output.fail(missing.description, .differs)
      }
    }

    private func draft(_ stored: Signal, _ reader: JournalReader) throws -> String {
      // The test is to pass in this folder, whatever ran then; parameters of a run stand in the test.
      let sources = try rules.read()
      guard let text = sources.rules.first(where: { $0.name == stored.rule })?.source else {
        throw EventRerun.Missing(description: "there is no rule \(stored.rule) in \(rules.rules)")
      }
      let past = try PastRules.find(stored.version, in: reader, folder: rules.rules) {
        try rules.read(parameters: parameters)
      }
      var values = past.warning == nil ? past.sources.parameters[stored.rule] ?? [:] : [:]
      values.merge(try RuleOptions.parse(parameters)[stored.rule] ?? [:]) { $1 }
      var running = sources
      running.parameters[stored.rule] = values
      let flow = try SignalFlow(stored, in: reader, sources: running)
      let runner = try RuleTestRunner(sources, rule: stored.rule)
      let goal = SignalGoal(stored, isExact: exact)
      let shrinker = FlowShrinker(runner, goal: goal, parameters: values)
      guard let smallest = shrinker.shrink(flow.events, likely: flow.likely) else {
        throw EventRerun.Missing(description: silence(stored, flow, past, text))
      }
      if smallest.ranOut {
        Output.error.line("note: after \(smallest.tries) runs it may not be the smallest yet")
      }
      var draft = try TestDraft(
        runner, name: "signal \(stored.id.hex.prefix(8))", events: smallest.events, parameters: values,
        goal: goal)
      draft.remarks = [
        "The smallest flow that gives signal \(stored.id.hex) of \(EventTime.text(stored.time)):",
        "\(stored.title)",
      ]
      if let problem = draft.problem {
        throw EventRerun.Missing(description: "the test that came out does not pass: \(problem)")
      }
      return draft.text
    }

    /// Why the signal does not come out of what the journal holds.
    private func silence(_ signal: Signal, _ flow: SignalFlow, _ past: PastRules, _ text: [UInt8]) -> String {
      var reason = "\(rules.rules) does not give \(signal.severity.name) signal \(signal.id.hex) from "
      reason += "what \(db) holds (\(flow.events.count) events)"
      if flow.missingEvidence > 0 {
        reason += "; \(flow.missingEvidence) of the \(signal.evidence.count) orders behind it are gone"
      } else if let warning = past.warning {
        reason += "; \(warning)"
      } else if !past.sources.rules.contains(where: { $0.name == signal.rule && $0.source == text }) {
        reason += "; the rule has changed since"
      } else {
        reason += "; live runs and replay --journal store every order"
      }
      return reason + (flow.isCut ? "; only the newest \(SignalFlow.most) were looked at" : "")
    }

    private func write(_ text: String, to path: String, rule: String) throws {
      let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
      guard file >= 0 else {
        throw Output.fail("cannot write \(path): \(String(cString: strerror(errno)))", .badInput)
      }
      defer { close(file) }
      let code = Descriptor.write(Array(text.utf8), to: file)
      if code != 0 {
        throw Output.fail("cannot write \(path): \(String(cString: strerror(code)))", .badInput)
      }
      let isRead = path.split(separator: "/").last ?? "" == "\(rule).test.yaml"
      Output.standard.line(
        isRead
          ? "\(path): try betterbot test \(rule)"
          : "\(path): betterbot test reads tests of \(rule) from \(rules.rules)/\(rule).test.yaml only")
    }
  }
}
