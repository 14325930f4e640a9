import Broadcast
import Feeds
import Journal
public import Logging
import Net
import OrderFlow
public import RuleEngine
import Synchronization

/// A live run: feeds → rules → journal → sink, until it is stopped.
///
/// Start: open the journal, rebuild the windows, go on behind the last committed event; the feeds then read back
/// what they missed. Stop: the feeds first, then what waits is finished and committed.
public final class LiveRun: Sendable {
  let options: LiveOptions
  let log: Logger
  let queue: LiveQueue
  let board: LiveBoard
  private let wallets = WatchList()
  private let reloader: Reloader
  /// What sends signals to the webhooks.
  let webhooks: WebhookSender
  /// What a server beside the engine asks it through.
  public let host: LiveHost
  /// The server.
  let api = LiveAPI()
  private let newWallets = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
  private let stopped = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

  /// A run that has not begun.
  public init(_ options: LiveOptions, log: Logger) {
    self.log = log
    queue = LiveQueue(limit: options.queueLimit)
    board = LiveBoard(
      feeds: options.feeds.enumerated().map { FeedBoard(source: UInt16($0.offset + 1), settings: $0.element) }
    )
    let (queue, wallets, news) = (queue, wallets, newWallets.continuation)
    self.options = options
    reloader = Reloader(options, board, log, wakeEngine: { queue.wake() }) { sources in
      if wallets.set(sources) { news.yield() }
    }
    let host = LiveHost(options, board, reloader, wakeEngine: { queue.wake() })
    self.host = host
    webhooks = WebhookSender(journal: options.journal, log: log) { body throws(EditFailure) in
      try await host.edit(body)
    }
    host.attach(webhooks)
    options.metrics?.addCollector { [board, webhooks] text in
      board.snapshot.write(to: &text)
      WebhookCountsView.write(webhooks.counts.views, to: &text)
    }
  }

  /// Where it stands now.
  public var status: LiveStatus { board.snapshot }

  /// Ends the run; `run` then returns. Stopping twice is harmless.
  public func stop() { stopped.continuation.yield() }

  /// Why a run cannot begin.
  public enum Refusal: Error, Sendable {
    /// The rules do not load.
    case rules([RuleProblem])
    /// The rules folder cannot be read.
    case folder(String)
    /// The API cannot be served as it was asked for.
    case api(String)
  }

  /// Runs until it is stopped, cancelled, or every feed has ended.
  ///
  /// Throws `Refusal` or `JournalError` when it cannot begin, and `JournalError` for what cannot be stored and will
  /// not get better by itself.
  public func run() async throws {
    // Whoever asks for a reload of a run that does not come about is told so.
    defer { reloader.end() }
    if let settings = options.api { api.set(try await makeServer(settings)) }
    try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask {
        try await self.runEngine()
        return true
      }
      group.addTask {
        try await self.serve()
        return false
      }
      do {
        // The server goes last: it still has to say what the engine stores last.
        while let isEngine = try await group.next() { if isEngine { api.stop() } }
      } catch {
        api.stop()
        throw error
      }
    }
  }

  private func runEngine() async throws {
    let sources: RuleSources
    do {
      sources = try readRules()
    } catch {
      board.end()
      throw error
    }
    board.update { status in
      status.journal = options.journal
      status.durability = options.durability.rawValue
      status.startedAt = WallClock.now()
      status.queueLimit = queue.limit
    }
    let end = LiveEnd()
    let (running, settled, histories) = try await start(sources, end)
    _ = wallets.set(running.sources)
    let client = HTTPClient()
    defer { client.shutdown() }
    let feeds = makeFeeds(histories, client)
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await end.orCancelled() }
        group.addTask { for await _ in self.stopped.stream { return } }
        group.addTask { await self.runFeeds(feeds) }
        try await withBackground(feeds, running, disk: settled) { try await group.next() }
        group.cancelAll()
      }
    } catch is CancellationError {
      // The engine still finishes what waits.
    } catch {
      queue.close()
      throw error
    }
    queue.close()
    try await end.value()
  }

  /// Does what goes on beside the feeds while `body` waits.
  private func withBackground(
    _ feeds: [any Feed], _ running: RunningRules, disk: String, _ body: () async throws -> Void?
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await self.reloader.run(running, disk: disk) }
      group.addTask { await self.webhooks.run() }
      group.addTask { await self.api.watch(self.board.feeds) }
      group.addTask {
        for await _ in self.newWallets.stream { for feed in feeds { feed.refresh() } }
      }
      if let path = options.controlSocket {
        group.addTask { try await ControlSocket.serve(path: path) { await self.answer($0) } }
      }
      defer { group.cancelAll() }
      // Also when it throws: a reload may wait for an engine that waits for the disk.
      defer { board.noteEnding() }
      _ = try await body()
    }
  }

  private func readRules() throws(Refusal) -> RuleSources {
    do throws(RuleFolder.Failure) {
      return try RuleFolder.read(options.rules, parameters: options.parameters)
    } catch {
      throw .folder(error.description)
    }
  }

  // MARK: The engine

  /// Starts the engine's thread; returns when it stands where the journal stands, with its rules and what is
  /// known of each feed.
  private func start(
    _ sources: RuleSources, _ end: LiveEnd
  ) async throws -> (RunningRules, settled: String, [FeedHistory]) {
    let (options, log, queue, board, api, webhooks) = (options, log, queue, board, api, webhooks)
    return try await withCheckedThrowingContinuation { ready in
      let thread = NativeThread {
        let engine: LiveEngine
        do {
          let prepared = try LiveStart(options, log).prepare(sources, board)
          api.begin(after: prepared.journal.lastSignalNumber())
          engine = LiveEngine(prepared, queue, board, options, log) { signals, chunks in
            api.publish(signals, chunks)
            if !signals.isEmpty { webhooks.notice() }
          }
          ready.resume(returning: (prepared.running, prepared.settled, prepared.histories))
        } catch {
          board.end()
          ready.resume(throwing: error)
          return
        }
        let result = Result { () throws(JournalError) in try engine.run() }
        board.end()
        end.finish(result)
      }
      thread.detach()
    }
  }

  // MARK: Feeds

  private func makeFeeds(_ histories: [FeedHistory], _ client: HTTPClient) -> [any Feed] {
    options.feeds.enumerated().map { place, settings in
      FeedFactory.make(
        settings, board: board.feeds[place], history: histories[place], client: client, log: log,
        watchList: { self.wallets.wallets })
    }
  }

  /// Returns when every feed has ended; one that fails does not end the others.
  private func runFeeds(_ feeds: [any Feed]) async {
    await withTaskGroup(of: Void.self) { group in
      for (place, feed) in feeds.enumerated() {
        group.addTask {
          do throws(FeedError) {
            try await feed.run(into: self.queue)
          } catch {
            var log = self.log
            log[metadataKey: "feed"] = "\(feed.name)"
            log.error("\(error)")
            self.board.feeds[place].update { status in
              status.state = .failed
              status.lastError = error.description
            }
          }
        }
      }
    }
  }

  // MARK: Reloading

  /// Reads the rules folder again and swaps the rule set, whether or not it has changed.
  public func reload() async -> ReloadOutcome { await reloader.reload() }

  /// Goes back to the rule set that ran before; the folder stays as it is.
  public func rollback() async -> ReloadOutcome { await reloader.rollback() }

  // MARK: The control socket

  private func answer(_ line: String) async -> [UInt8] {
    switch line {
    case "status": Array(await statusText().utf8)
    case "status json": Array(await fullStatus().json.utf8)
    case "reload": await reload().line
    case "rollback": await rollback().line
    case _ where line.hasPrefix("token "): await edit(token: line)
    case _ where line.hasPrefix(WebhookEdit.word + " "): await edit(webhook: line)
    case _ where line.hasPrefix("resume "): await host.resume(rule: String(line.dropFirst(7))).line
    default:
      Array(
        "unknown request: \(TerminalText.line(line)); there are status, status json, reload, rollback, resume\n"
          .utf8)
    }
  }

  /// What `betterbot status` shows.
  func statusText() async -> String { await fullStatus().text(now: WallClock.now()) }

  /// The status with a look at the disk.
  private func fullStatus() async -> LiveStatus {
    let disk = await DiskLook.read(options)
    var status = status
    status.reload.diskVersion = disk
    return status
  }
}

extension ReloadOutcome {
  /// What the control socket says: `done` or `refused` for programs, then the text for people.
  var line: [UInt8] { Array("\(isDone ? "done" : "refused")\n\(text)\n".utf8) }
}
