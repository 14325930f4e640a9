import ArgumentParser
import Feeds
import Journal
import OrderFlow
import Pipeline
import RuleEngine

/// `betterbot replay`: rules over recorded orders.
struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Run rules over recorded orders, as fast as the machine goes.",
    discussion: """
      An input is NDJSON or a JSON array, plain or gzipped, of Dome events, Dome orders or pages, Polymarket \
      RTDS \
      frames or Data API rows; - is standard input. Signals go into the journal with the orders behind them.
      """)

  enum Format: String, ExpressibleByArgument { case human, ndjson }

  @OptionGroup var ruleOptions: RuleOptions
  @Option(name: .long, help: "The journal, a SQLite file; made when it is missing. (default: betterbot.db)")
  var db: String?
  @Flag(name: .customLong("no-db"), help: "Store nothing.") var noDatabase = false
  @Flag(name: .long, help: "Store every order, not only those behind signals.") var journal = false
  @Option(name: .long, help: "human, or ndjson: one signal a line.") var format = Format.human
  @Option(name: .customLong("param"), help: "RULE.NAME=VALUE, a parameter of a rule; may be repeated.")
  var parameters: [String] = []
  @Option(name: .long, help: "Run this rule alone.") var only: String?
  @Option(name: .long, help: "Threads the rules are spread over.") var threads = 1
  @Option(name: .long, help: "Stop after so many orders.") var limit: Int?
  @Flag(
    name: .long, help: "Run twice, with another batch size and thread count; exit 1 unless the signals agree."
  )
  var twice = false
  @Flag(name: .customLong("skip-bad"), help: "Leave out rules that do not load.") var skipBad = false
  @Option(name: .long, help: "Write the figures of the run to this file as JSON.") var stats: String?
  @Argument(help: "Files with orders, or - for standard input.") var inputs: [String]

  func validate() throws {
    if threads < 1 || threads > 32 { throw ValidationError("--threads is a number from 1 to 32") }
    if let limit, limit < 0 { throw ValidationError("--limit is not negative") }
    if noDatabase && db != nil {
      throw ValidationError("--db names a journal and --no-db stores nothing: choose one")
    }
    if noDatabase && journal {
      throw ValidationError("--journal stores orders and --no-db stores nothing: choose one")
    }
    if twice && inputs.contains("-") {
      throw ValidationError("--twice reads its inputs twice; standard input cannot be")
    }
    if inputs.filter({ $0 == "-" }).count > 1 {
      throw ValidationError("standard input can be read once only")
    }
  }

  func run() throws {
    let sources = try ruleOptions.read(parameters: parameters)
    if let only, !sources.rules.contains(where: { $0.name == only }) {
      throw Output.fail("--only \(only): there is no such rule in \(ruleOptions.rules)", .badInput)
    }
    do {
      let size = try InputSize.total(inputs)
      if twice && size == nil {
        throw Output.fail(
          "--twice reads its inputs twice; a pipe can be read once: name plain files", .badInput)
      }
      let statsFile = try stats.map { try StatsFile($0) }
      Output.standard.outlivesReader = !noDatabase || twice || stats != nil
      let first = try once(sources, repeating: nil, statsFile)
      if let failure = first.inputFailure { throw failure }
      if twice { try compare(first, try once(sources, repeating: first, nil)) }
    } catch let failure as FeedError {
      throw Output.fail(failure.description, .badInput)
    } catch let failure as JournalError {
      throw Output.fail(failure.description, .badInput)
    }
  }

  private func engine(_ sources: RuleSources, repeating first: ReplayReport?) throws -> Engine {
    var options = Engine.Options()
    options.threads = first == nil ? threads : threads == 1 ? 2 : 1
    options.skipsBadRules = skipBad
    options.only = only
    options.kills = first?.kills ?? []
    do throws(Engine.Refusal) {
      return try Engine(sources, options: options)
    } catch {
      throw ruleOptions.report(error.problems)
    }
  }

  /// One run; the second of two repeats the first one's kills and numbers, and neither prints nor stores.
  private func once(_ sources: RuleSources, repeating first: ReplayReport?, _ statsFile: StatsFile?) throws
    -> ReplayReport
  {
    let engine = try engine(sources, repeating: first)
    let isFirst = first == nil
    if isFirst {
      for problem in engine.skipped { Output.error.line("left out: \(ruleOptions.rules)/\(problem)") }
    }
    let path = db ?? "betterbot.db"
    let stored = noDatabase || !isFirst ? nil : try Journal(path: path, durability: try Settings.durability())
    // What a recording says is no news to anybody.
    stored?.fillsOutbox = false
    if let stored { try Settings.prune(stored) }
    var options = Replay.Options()
    options.inputs = inputs
    options.storesEveryOrder = journal && isFirst
    options.limit = limit
    if !isFirst { options.batchSize = 37 }
    options.hashes = twice || stats != nil
    options.sequenceBase = first?.sequenceBase
    var top = TopSignals()
    let progress = ProgressLine(
      isWanted: Output.error.isInteractive && !(format == .ndjson && Output.standard.isTerminal))
    let replay = Replay(
      options, engine: engine, journal: stored,
      onSignal: { signal in
        if !isFirst { return }
        if format == .ndjson { SignalPrinter.printLine(signal) } else { top.add(signal) }
      },
      onProgress: progress.isWanted ? { progress.show($0) } : nil,
      onLog: { rule, text in
        if !isFirst { return }
        progress.clear()
        for line in text.split(separator: "\n") { Output.error.line("[\(rule)] \(line)") }
      })
    defer { progress.clear() }
    let report = try replay.run()
    try stored?.close()
    progress.clear()
    if !isFirst { return report }
    try statsFile?.write(report.json)
    ReplaySummary(report: report, database: stored == nil ? nil : path, format: format).print(&top)
    return report
  }

  private func compare(_ first: ReplayReport, _ second: ReplayReport) throws {
    if first.signalHash == second.signalHash {
      Output.error.line("twice: both runs gave the same \(first.signals) signals (\(first.signalHash ?? ""))")
    } else {
      let counts =
        "\(first.signals) signals \(first.signalHash ?? "") and \(second.signals) \(second.signalHash ?? "")"
      throw Output.fail("--twice: the runs differ: \(counts)", .differs)
    }
  }
}
