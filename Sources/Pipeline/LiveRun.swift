import Feeds
import Journal
public import Logging
import OrderFlow
public import RuleEngine
import Synchronization

/// A live run: feeds → rules → journal → sink, until it is stopped.
///
/// Start: open the journal, rebuild the windows, go on behind the last committed event; the feeds then read back
/// what they missed. Stop: the feeds first, then what waits is finished and committed.
public final class LiveRun: Sendable {
  private let options: LiveOptions
  private let log: Logger
  private let queue: LiveQueue
  private let board: LiveBoard
  private let wallets: WatchList
  private let stopped = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

  /// A run that has not begun.
  public init(_ options: LiveOptions, log: Logger) {
    self.options = options
    self.log = log
    queue = LiveQueue(limit: options.queueLimit)
    board = LiveBoard(
      feeds: options.feeds.enumerated().map { FeedBoard(source: UInt16($0.offset + 1), settings: $0.element) }
    )
    wallets = WatchList(folder: options.rules)
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
  }

  /// Runs until it is stopped, cancelled, or every feed has ended.
  ///
  /// Throws `Refusal` or `JournalError` when it cannot begin, and `JournalError` for what cannot be stored and will
  /// not get better by itself.
  public func run() async throws {
    let sources = try readRules()
    wallets.set(sources)
    board.update { status in
      status.journal = options.journal
      status.durability = options.durability.rawValue
      status.startedAt = WallClock.now()
      status.queueLimit = queue.limit
    }
    let end = LiveEnd()
    let histories = try await start(sources, end)
    let client = HTTPClient()
    defer { client.shutdown() }
    let feeds = makeFeeds(histories, client)
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await end.orCancelled() }
        group.addTask { for await _ in self.stopped.stream { return } }
        group.addTask { await self.runFeeds(feeds) }
        try await withBackground(feeds) { try await group.next() }
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
  private func withBackground(_ feeds: [any Feed], _ body: () async throws -> Void?) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await self.watchWallets(feeds) }
      if let path = options.controlSocket {
        group.addTask { try await ControlSocket.serve(path: path) { await self.answer($0) } }
      }
      defer { group.cancelAll() }
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

  /// Starts the engine's thread; returns when it stands where the journal stands, with what is known of each feed.
  private func start(
    _ sources: RuleSources, _ end: LiveEnd
  ) async throws -> [FeedHistory] {
    let (options, log, queue, board) = (options, log, queue, board)
    return try await withCheckedThrowingContinuation { ready in
      let thread = NativeThread {
        let engine: LiveEngine
        do {
          let prepared = try LiveStart(options, log).prepare(sources, board)
          engine = LiveEngine(prepared, queue, board, options, log)
          ready.resume(returning: prepared.histories)
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

  /// Reads the rules folder again and swaps the rule set; says what became of it.
  public func reload() async -> String { await reloadNow().text }

  private func reloadNow() async -> LiveBoard.Answer {
    let sources: RuleSources
    do throws(Refusal) {
      sources = try readRules()
    } catch {
      guard case .folder(let reason) = error else { return LiveBoard.Answer(isDone: false, text: "") }
      return note(LiveBoard.Answer(isDone: false, text: "the rules were not reloaded: \(reason)"))
    }
    let answer = await ask { .reload(sources, answer: $0) }
    // What was refused must not come in by the back door of a changed watch list.
    if answer.isDone { wallets.set(sources) }
    return note(answer)
  }

  private func ask(
    _ request: (@escaping @Sendable (LiveBoard.Answer) -> Void) -> LiveBoard.Request
  ) async -> LiveBoard.Answer {
    await withCheckedContinuation { continuation in
      board.ask(request { continuation.resume(returning: $0) })
      queue.wake()
    }
  }

  @discardableResult
  private func note(_ answer: LiveBoard.Answer) -> LiveBoard.Answer {
    board.update { $0.lastReload = answer.text }
    log.info("\(answer.text)")
    return answer
  }

  /// Takes a changed watch list in, without touching the rules.
  private func watchWallets(_ feeds: [any Feed]) async throws {
    while true {
      try await Task.sleep(for: .seconds(1))
      switch wallets.check() {
      case .same: break
      case .broken(let reason):
        note(LiveBoard.Answer(isDone: false, text: "the watch list was not reloaded: \(reason)"))
      case .changed(let sources): note(await ask { .labels(sources, answer: $0) })
      }
      if wallets.takeNews() { for feed in feeds { feed.refresh() } }
    }
  }

  // MARK: The control socket

  private func answer(_ line: String) async -> [UInt8] {
    switch line {
    case "status": Array(status.text(now: WallClock.now()).utf8)
    case "status json": Array(status.json.utf8)
    case "reload": await reloadNow().line
    default:
      Array("unknown request: \(TerminalText.line(line)); there are status, status json, reload\n".utf8)
    }
  }
}
