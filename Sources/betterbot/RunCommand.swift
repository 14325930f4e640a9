import ArgumentParser
import Broadcast
import CoreMetrics
import Feeds
import Glibc
import Journal
import Logging
import OrderFlow
import Pipeline
import RuleEngine
import UnixSignals

/// `betterbot run`: rules over live flow.
struct RunCommand: LongRunningCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run rules over live feeds; store and show what they find.",
    discussion: """
      Without a configuration it listens to Polymarket. SIGINT and SIGTERM end it, SIGHUP reads the rules again. \
      A run that was ended, or killed, goes on where it stopped.

      Example: betterbot run --feed dome:ws://127.0.0.1:8801 --rest http://127.0.0.1:8801
      """)

  enum Format: String, ExpressibleByArgument { case human, ndjson }

  @OptionGroup var options: ConfigurationOptions
  @Option(name: .long, help: "human, or ndjson: one signal a line, once it is stored.")
  var format = Format.human
  @Option(name: .customLong("for"), help: "End after so long: 30s, 10m, 1h.") var span: TimeSpan?
  @Option(name: .customLong("until-quiet"), help: "End when no order has come for so long.")
  var quiet: TimeSpan?
  @Flag(name: .customLong("skip-bad"), help: "Leave out rules that do not load.") var skipBad = false
  @Flag(name: .customLong("no-watch"), help: "Read the rules again only when told to.") var noWatch = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Where the API listens, such as 127.0.0.1:8787 (the default), or off.", valueName: "address"))
  var listen: String?
  @Option(name: .customLong("log-format"), help: "text, or json: one object a line. (default: text)")
  var logFormat: String?
  @Option(
    name: .customLong("log-level"),
    help: "trace, debug, info, notice, warning, error or critical. (default: info)")
  var logLevel: String?

  @MainActor func serve() async throws {
    let log = ["format": logFormat, "level": logLevel].compactMapValues(\.self)
    let configuration = try options.read(log: log, listen: listen)
    let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
    var terminal = LiveView.Terminal.standard(isForPrograms: format == .ndjson)
    terminal.takesReports = configuration.log.format == .text
    let isScreen = terminal.mode == .screen
    // A screen shows the last trouble of each feed itself; lines in between would tear it.
    LoggingSystem.bootstrap { _ in LineLogHandler(configuration.log, isSilent: isScreen) }
    let metrics = PrometheusRegistry()
    MetricsSystem.bootstrap(metrics)
    let display = RunDisplay(terminal)
    let run = LiveRun(live(configuration, metrics, display), log: Logger(label: "betterbot"))
    do {
      try await hold(run, signals, display)
      display.finish(run.status)
    } catch let refusal as LiveRun.Refusal {
      display.finish(run.status)
      switch refusal {
      case .rules(let problems): throw RuleOptions.report(problems, in: configuration.rules)
      case .folder(let reason), .api(let reason): throw Output.fail(reason, .badInput)
      }
    } catch let failure as JournalError {
      display.finish(run.status)
      throw Output.fail(failure.description, .badInput)
    }
    if format == .human { summarize(run.status) }
    let failed = run.status.feeds.filter { $0.state == .failed }
    if !failed.isEmpty {
      // On a terminal the live view may have scrolled it away.
      throw Output.fail(failed.map { "feed \($0.name): \($0.lastError)" }.joined(separator: "; "), .badInput)
    }
  }

  private func live(
    _ configuration: Configuration, _ metrics: PrometheusRegistry, _ display: RunDisplay
  ) -> LiveOptions {
    var live = LiveOptions(
      journal: configuration.database, rules: configuration.rules, feeds: configuration.feeds)
    live.durability = configuration.durability
    live.parameters = configuration.parameters
    live.reload = configuration.reload
    if noWatch { live.reload.watches = false }
    live.engine.threads = configuration.threads
    live.engine.skipsBadRules = skipBad
    live.engine.lateness = configuration.lateness.milliseconds
    live.retention = configuration.retention.map { LiveOptions.Retention(days: $0.days, rows: $0.rows) }
    live.metrics = metrics
    live.api = configuration.api.options
    live.needsAPI = configuration.api.isAskedFor
    live.controlSocket = configuration.socketPath
    // The clock of such a recording does not run as the wall's does.
    live.ticks = !configuration.feeds.contains { feed in
      if case .file(let file) = feed.kind { file.speed != 1 } else { false }
    }
    live.sink = { display.show($0.map(\.signal)) }
    return live
  }

  /// Runs until a signal, the end of the time, silence, or the end of the feeds.
  private nonisolated func hold(
    _ run: LiveRun, _ signals: UnixSignalsSequence, _ display: RunDisplay
  ) async throws {
    let (span, quiet) = (span?.duration, quiet?.duration.milliseconds)
    // A reload can take long, with a full disk for ever; it must not stand in the way of a signal to end.
    let reloads = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask {
        try await run.run()
        return true
      }
      group.addTask {
        for await signal in signals {
          if signal != .sighup { break }
          reloads.continuation.yield()
        }
        run.stop()
        return false
      }
      group.addTask {
        for await _ in reloads.stream { _ = await run.reload() }
        return false
      }
      if let span {
        group.addTask {
          try? await Task.sleep(for: span)
          run.stop()
          return false
        }
      }
      group.addTask {
        while !Task.isCancelled {
          try? await Task.sleep(for: .milliseconds(100))
          let status = run.status
          display.show(status)
          if let quiet, status.silence.map({ $0 >= quiet }) ?? false { run.stop() }
        }
        return false
      }
      while let isOver = try await group.next(), !isOver {}
      group.cancelAll()
    }
  }

  @MainActor private func summarize(_ status: LiveStatus) {
    let signals = "\(grouped(status.signals)) \(status.signals == 1 ? "signal" : "signals")"
    Output.standard.line(
      """
      \(grouped(status.orders)) orders, \(signals), \(grouped(status.folded)) repeats folded into them, \
      \(grouped(status.duplicates)) duplicate orders dropped; rule set \(status.version)
      """)
    if status.rejected > 0 {
      Output.standard.line(
        "\(grouped(status.rejected)) messages could not be read; why: "
          + "sqlite3 \(status.journal) 'SELECT source, reason FROM dead_letters'")
    }
    Output.standard.line("journal: \(status.journal)")
    if status.signals > 0 {
      Output.standard.line("next: betterbot signals --db \(status.journal) --severity high")
    }
  }
}
