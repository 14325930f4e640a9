import ArgumentParser
import Journal
import OrderFlow
import Pipeline
import RuleEngine

extension DebugCommand {
  /// Runs rules over a journal's own events, orders, ticks and gaps, and prints each signal as a line of JSON.
  struct Again: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "again", abstract: "Run rules over the events of a journal; print the signals.")

    @OptionGroup var rules: RuleOptions
    @Option(name: .long, help: "The journal.") var db: String
    @Option(name: .customLong("param"), help: "RULE.NAME=VALUE, a parameter of a rule; may be repeated.")
    var parameters: [String] = []

    func run() throws {
      let sources = try rules.read(parameters: parameters)
      let engine: Engine
      do throws(Engine.Refusal) {
        engine = try Engine(sources)
      } catch {
        throw rules.report(error.problems)
      }
      do {
        for signal in try JournalReplay.signals(of: db, through: engine) { SignalPrinter.printLine(signal) }
      } catch let failure as JournalError {
        throw Output.fail(failure.description, .badInput)
      }
    }
  }
}
