public import Feeds
public import Logging
import Net

/// Feeds into a recording, until it is stopped, full, or every feed has ended.
public final class RecordingRun: Sendable {
  private let options: Recorder.Options
  private let outlet: RecorderOutlet
  private let boards: [FeedBoard]
  private let rules: String
  private let wallets = WatchList()
  private let log: Logger
  private let stopped = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

  /// Begins a recording; `rules` is the folder whose watch list feeds may subscribe to.
  ///
  /// Throws when its file cannot be made, and when a feed needs a watch list that cannot be read.
  public init(_ options: Recorder.Options, rules: String, log: Logger) throws(FeedError) {
    self.options = options
    self.log = log
    self.rules = rules
    if options.feeds.contains(where: \.needsWatchList) {
      do throws(RuleFolder.Failure) {
        _ = wallets.set(try RuleFolder.read(rules))
      } catch {
        throw FeedError(.settings, error.description)
      }
    }
    boards = options.feeds.enumerated().map {
      FeedBoard(source: UInt16(truncatingIfNeeded: $0.offset + 1), settings: $0.element)
    }
    outlet = try RecorderOutlet(options, boards: boards)
  }

  /// Where the feeds stand now.
  public var feeds: [FeedStatus] { boards.map(\.snapshot) }

  /// Orders recorded so far.
  public var orders: UInt64 { get async { await outlet.orders } }

  /// Ends the recording; `run` then returns. Stopping twice is harmless.
  public func stop() { stopped.continuation.yield() }

  /// Records, and gives the file its name at the end; returns what it holds.
  ///
  /// A feed that cannot go on ends it with an error, and then there is no file.
  public func run() async throws(FeedError) -> RecordingManifest {
    let client = HTTPClient()
    defer { client.shutdown() }
    let feeds = options.feeds.enumerated().map { place, settings in
      FeedFactory.make(
        settings, board: boards[place], history: FeedHistory(), client: client, log: log,
        watchList: { self.wallets.wallets })
    }
    let failure = await withTaskGroup(of: FeedError?.self) { group in
      group.addTask { await self.record(feeds) }
      group.addTask {
        for await _ in self.stopped.stream { break }
        return nil
      }
      group.addTask {
        await self.outlet.untilOver()
        return nil
      }
      if options.feeds.contains(where: \.needsWatchList) {
        group.addTask {
          await self.watchWallets(feeds)
          return nil
        }
      }
      let first = await group.next() ?? nil
      group.cancelAll()
      return first
    }
    if let failure { throw failure }
    return try await outlet.finish()
  }

  /// Runs the feeds to their end; returns the first failure.
  private func record(_ feeds: [any Feed]) async -> FeedError? {
    await withTaskGroup(of: FeedError?.self) { group in
      for feed in feeds {
        group.addTask {
          do throws(FeedError) {
            try await feed.run(into: self.outlet)
            return nil
          } catch {
            return FeedError(error.code, "feed \(feed.name): \(error)")
          }
        }
      }
      for await failure in group {
        guard let failure else { continue }
        group.cancelAll()
        return failure
      }
      return nil
    }
  }

  /// Takes changes of the watch list in, until it is cancelled.
  private func watchWallets(_ feeds: [any Feed]) async {
    for await _ in FolderWatch.notices(of: rules, log: log) {
      let rules = rules
      switch await OwnThread.run({ RuleFolder.readStable(rules) }) {
      case .stable(let sources): if wallets.set(sources) { for feed in feeds { feed.refresh() } }
      case .unreadable(let failure): log.error("the watch list was not reloaded: \(failure)")
      // Whoever changes it is not done yet; that will be a notice of its own.
      case .moved: break
      }
    }
  }
}

extension FeedSettings {
  /// Whether what it subscribes to is on the watch list.
  fileprivate var needsWatchList: Bool {
    if case .dome(let relay) = kind { relay.filter == .watchList } else { false }
  }
}
