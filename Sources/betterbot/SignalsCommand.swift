import ArgumentParser
import Journal
import OrderFlow
import Pipeline

/// `betterbot signals`: what a journal holds.
struct SignalsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "signals", abstract: "List the signals of a journal, oldest first.")

  enum Format: String, ExpressibleByArgument { case human, ndjson, csv }

  @Option(name: .long, help: "The journal.") var db: String
  @Option(name: .long, help: "Only signals of this rule.") var rule: String?
  @Option(
    name: .long,
    help: "Only signals from this time on: 2026-01-04, 2026-01-04T19:51:00Z, or seconds since 1970.")
  var since: String?
  @Option(name: .long, help: "Only signals at least this severe: info, low, medium, high or critical.")
  var severity: String?
  @Option(name: .long, help: "human, ndjson or csv.") var format = Format.human
  @Option(name: .long, help: "Only the newest so many.") var limit: Int?

  func validate() throws {
    if let limit, limit < 0 { throw ValidationError("--limit is not negative") }
    if let severity, Severity(name: severity) == nil {
      throw ValidationError("--severity is one of info, low, medium, high, critical")
    }
    if let since, EventTime.parse(since) == nil {
      throw ValidationError(
        "--since is a date (2026-01-04), a time (2026-01-04T19:51:00Z) or seconds since 1970")
    }
  }

  func run() throws {
    let filter = SignalFilter(
      rule: rule, since: since.flatMap { EventTime.parse($0) },
      minimumSeverity: severity.flatMap { Severity(name: $0) }, limit: limit)
    let table = SignalTable()
    do {
      let reader = try JournalReader(path: db)
      if format == .csv { SignalPrinter.printFields(StoredSignal.columns) }
      try reader.signals(filter) { stored in
        switch format {
        case .human: table.show(stored.signal)
        case .ndjson: SignalPrinter.printLine(stored.signal)
        case .csv: SignalPrinter.printFields(stored.fields)
        }
      }
    } catch let failure as JournalError {
      throw Output.fail(failure.description, .badInput)
    }
    table.finish()
    if format == .human, table.shown == 0 { Output.standard.write("no signals\n") }
  }
}
