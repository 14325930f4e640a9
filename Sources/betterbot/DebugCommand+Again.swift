import ArgumentParser
import COrderFlow
import Journal
import OrderFlow
import Pipeline
import RuleEngine

extension DebugCommand {
  /// Runs rules over a journal's own events, orders and ticks, and prints each signal as a line of JSON.
  ///
  /// A live run and this agree, whatever happened to the run: the signals are a function of the journal.
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
        for signal in try signals(engine) { SignalPrinter.printLine(signal) }
      } catch let failure as JournalError {
        throw Output.fail(failure.description, .badInput)
      }
    }

    private func signals(_ engine: Engine) throws -> [Signal] {
      var signals: [Signal] = []
      var places: [Digest128: Int] = [:]
      var output = EngineOutput()
      try JournalReader(path: db).readBack(batch: 512) { batch in
        switch batch {
        case .orders(let orders):
          for place in orders.indices { orders[place].origin = UInt8(BB_ORIGIN_STREAM) }
          engine.startSequence(after: orders[0].seq - 1)
          engine.process(orders, into: &output)
        case .tick(let seq, let clock):
          engine.startSequence(after: seq - 1)
          guard engine.tick(clock, into: &output) else { return }
        }
        for emitted in output.signals {
          places[emitted.signal.id] = signals.count
          signals.append(emitted.signal)
        }
        for (id, count) in output.folds { if let place = places[id] { signals[place].foldCount = count } }
      }
      return signals
    }
  }
}
