import ArgumentParser
import Feeds
import Glibc
import Journal
import OrderFlow
import Pipeline
import RuleEngine

/// `betterbot replay`: rules over recorded orders.
struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Run rules over recorded orders, as fast as the machine goes.",
    discussion: """
      An input is NDJSON or a JSON array, plain or gzipped, of Dome events, Dome orders or pages, Polymarket RTDS \
      frames or Data API rows; - is standard input. Signals go into the journal with the orders behind them.
      """)

  enum Format: String, ExpressibleByArgument { case human, ndjson }

  @OptionGroup var ruleOptions: RuleOptions
  @Option(name: .long, help: "The journal, a SQLite file; made when it is missing.") var db = "betterbot.db"
  @Flag(name: .customLong("no-db"), help: "Store nothing.") var noDatabase = false
  @Flag(name: .long, help: "Store every order, not only those behind signals.") var journal = false
  @Option(name: .long, help: "human, or ndjson: one signal a line.") var format = Format.human
  @Option(name: .customLong("param"), help: "RULE.NAME=VALUE, a parameter of a rule; may be repeated.")
  var parameters: [String] = []
  @Option(name: .long, help: "Run this rule alone.") var only: String?
  @Option(name: .long, help: "Threads the rules are spread over.") var threads = 1
  @Option(name: .long, help: "Stop after so many orders.") var limit: Int?
  @Flag(name: .long, help: "Run twice, with another batch size and thread count; exit 1 unless the signals agree.")
  var twice = false
  @Flag(name: .customLong("skip-bad"), help: "Leave out rules that do not load.") var skipBad = false
  @Option(name: .long, help: "Write the figures of the run to this file as JSON.") var stats: String?
  @Argument(help: "Files with orders, or - for standard input.") var inputs: [String]

  func validate() throws {
    if threads < 1 || threads > 32 { throw ValidationError("--threads is a number from 1 to 32") }
    if let limit, limit < 0 { throw ValidationError("--limit is not negative") }
    if noDatabase && journal { throw ValidationError("--journal stores orders and --no-db stores nothing: choose one") }
    if twice && inputs.contains("-") { throw ValidationError("--twice reads its inputs twice; standard input cannot be") }
    if inputs.filter({ $0 == "-" }).count > 1 { throw ValidationError("standard input can be read once only") }
  }

  func run() throws {
    let sources = try ruleOptions.read(parameters: parameters)
    if let only, !sources.rules.contains(where: { $0.name == only }) {
      throw Output.fail("--only \(only): there is no such rule in \(ruleOptions.rules)", .badInput)
    }
    do {
      let first = try once(sources, isSecond: false, kills: [])
      if twice { try compare(first, try once(sources, isSecond: true, kills: first.kills)) }
    } catch let failure as FeedError {
      throw Output.fail(failure.description, .badInput)
    } catch let failure as JournalError {
      throw Output.fail(failure.description, .badInput)
    }
  }

  private func engine(_ sources: RuleSources, isSecond: Bool, kills: Set<Kill>) throws -> Engine {
    var options = Engine.Options()
    options.threads = isSecond ? (threads == 1 ? 2 : 1) : threads
    options.skipsBadRules = skipBad
    options.only = only
    options.kills = kills
    do throws(Engine.Refusal) {
      return try Engine(sources, options: options)
    } catch {
      throw RuleOptions.report(error.problems)
    }
  }

  private func once(_ sources: RuleSources, isSecond: Bool, kills: Set<Kill>) throws -> ReplayReport {
    let engine = try engine(sources, isSecond: isSecond, kills: kills)
    if !isSecond {
      for problem in engine.skipped { Output.error.write("left out: \(problem)\n") }
    }
    let stored = noDatabase || isSecond ? nil : try Journal(path: db, durability: try Settings.durability())
    if let stored { try Settings.prune(stored) }
    var options = Replay.Options()
    options.inputs = inputs
    options.storesEveryOrder = journal && !isSecond
    options.limit = limit
    if isSecond { options.batchSize = 37 }
    options.hashes = twice || stats != nil || format == .ndjson
    let table = SignalTable()
    let progress = ProgressLine()
    let replay = Replay(
      options, engine: engine, journal: stored,
      onSignal: { signal in
        if isSecond { return }
        if format == .ndjson { SignalPrinter.printLine(signal) } else { table.add(signal) }
      },
      onProgress: Output.error.isTerminal ? { progress.show($0) } : nil,
      onLog: { rule, text in
        if !isSecond { for line in text.split(separator: "\n") { Output.error.write("[\(rule)] \(line)\n") } }
      })
    let report = try replay.run()
    try stored?.close()
    progress.clear()
    if isSecond { return report }
    Output.standard.flush()
    if let stats { try write(report.json, to: stats) }
    ReplaySummary(report: report, database: stored == nil ? nil : db).print(format == .human ? table : nil)
    return report
  }

  private func compare(_ first: ReplayReport, _ second: ReplayReport) throws {
    if first.signalHash == second.signalHash {
      Output.error.write("twice: both runs gave the same \(first.signals) signals (\(first.signalHash ?? ""))\n")
    } else {
      let counts = "\(first.signals) signals \(first.signalHash ?? ""), then \(second.signals) \(second.signalHash ?? "")"
      throw Output.fail("--twice: the runs differ: \(counts)", .differs)
    }
  }

  private func write(_ text: String, to path: String) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    let bytes = Array(text.utf8)
    guard file >= 0, Glibc.write(file, bytes, bytes.count) == bytes.count, close(file) == 0 else {
      throw Output.fail("cannot write \(path): \(String(cString: strerror(errno)))", .badInput)
    }
  }
}
