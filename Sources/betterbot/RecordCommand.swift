import Documents
import ArgumentParser
import Feeds
import Glibc
import Logging
import OrderFlow
import Pipeline
import UnixSignals

/// `betterbot record`: the live flow as a fixture.
struct RecordCommand: LongRunningCommand {
  static let configuration = CommandConfiguration(
    commandName: "record", abstract: "Save the flow of the configured feeds as a recording.",
    discussion: """
      Writes FILE, one order a line, packed, without repeats, and FILE.manifest.json, which says where it comes \
      from, what it holds, and which stretches it lacks. Ends with Ctrl-C, SIGTERM, --for, --limit or the end of \
      recorded files; FILE is there only then, and complete. A recorded file is copied as fast as it goes.

      Example: betterbot record --feed polymarket --for 10m --pseudonymize flow.jsonl.gz
      """)

  @OptionGroup var options: ConfigurationOptions
  @Option(name: .long, help: "Only this market's orders, by slug; may be repeated.") var market: [String] = []
  @Option(name: .long, help: "Only this wallet's orders; may be repeated.") var wallet: [String] = []
  @Option(name: .customLong("for"), help: "End after so long: 30s, 10m, 1h.") var duration: String?
  @Option(name: .long, help: "End after so many orders.") var limit: Int?
  @Flag(name: .long, help: "Replace wallets, transactions and order hashes by pseudonyms.")
  var pseudonymize = false
  @Option(
    name: .long,
    help: "A file with at least 16 bytes of secret: the same pseudonyms in every recording made with it.")
  var pseudonymKeyFile: String?
  @Argument(help: "The recording, such as flow.jsonl.gz; must not be there yet.") var file: String

  func validate() throws {
    if let duration, DurationText.parse(duration) == nil {
      throw ValidationError("--for must be \(DurationText.wanted), not \(duration)")
    }
    if let limit, limit < 1 { throw ValidationError("--limit is at least 1") }
    for wallet in wallet where FeedReader.hexadecimal(wallet, digits: 40) == nil {
      throw ValidationError("--wallet \(wallet): a wallet is 0x and 40 hexadecimal digits")
    }
    if pseudonymKeyFile != nil, !pseudonymize {
      throw ValidationError("--pseudonym-key-file is for --pseudonymize")
    }
  }

  @MainActor func serve() async throws {
    let configuration = try options.read()
    let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
    LoggingSystem.bootstrap { _ in LineLogHandler() }
    let log = Logger(label: "betterbot")
    do {
      let run = try RecordingRun(recording(configuration), rules: configuration.rules, log: log)
      report(try await hold(run, signals, log))
    } catch let error as FeedError {
      throw Output.fail(error.description, .badInput)
    }
  }

  private func recording(_ configuration: Configuration) throws -> Recorder.Options {
    // A recorded file is copied as fast as it goes, and once: its times are in its orders.
    let feeds = configuration.feeds.map { feed in
      guard case .file(var file) = feed.kind else { return feed }
      file.speed = nil
      file.loops = false
      return FeedSettings(name: feed.name, kind: .file(file))
    }
    var recording = Recorder.Options(path: file, feeds: feeds)
    recording.pseudonyms = pseudonymize ? try Pseudonyms(key: PseudonymKey.read(pseudonymKeyFile)) : nil
    recording.markets = Set(market)
    recording.wallets = Set(wallet.map { $0.lowercased() })
    recording.limit = limit
    return recording
  }

  /// Records until a signal, the end of the time, the limit, or the end of the feeds.
  private nonisolated func hold(
    _ run: RecordingRun, _ signals: UnixSignalsSequence, _ log: Logger
  ) async throws -> RecordingManifest {
    let span = duration.flatMap { DurationText.parse($0) }
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for await _ in signals { break }
        run.stop()
      }
      if let span {
        group.addTask {
          try? await Task.sleep(for: span)
          run.stop()
        }
      }
      group.addTask {
        while (try? await Task.sleep(for: .seconds(10))) != nil {
          let orders = await run.orders
          log.info("\(grouped(orders)) orders so far")
        }
      }
      defer { group.cancelAll() }
      return try await run.run()
    }
  }

  private func report(_ manifest: RecordingManifest) {
    var text = "\(grouped(manifest.orders)) \(manifest.orders == 1 ? "order" : "orders")"
    text += " of \(grouped(manifest.wallets)) wallets in \(grouped(manifest.markets)) markets"
    if let range = manifest.range {
      text += ", \(EventTime.text(range.lowerBound)) to \(EventTime.text(range.upperBound)) UTC"
    }
    if manifest.duplicates > 0 { text += "; \(grouped(manifest.duplicates)) repeats dropped" }
    if manifest.rejected > 0 { text += "; \(grouped(manifest.rejected)) messages rejected" }
    let open = manifest.gaps.count { !$0.isBackfilled }
    if open > 0 { text += "; \(grouped(open)) gaps that are not filled" }
    Output.standard.line(text)
    Output.standard.line("recording: \(file)")
    Output.standard.line("next: betterbot replay --no-db \(file)")
  }
}
