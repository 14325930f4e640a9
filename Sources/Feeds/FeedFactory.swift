public import Net
public import Logging

/// Makes feeds of their settings.
public enum FeedFactory {
  /// The feed that the settings describe; it does nothing until it is run.
  ///
  /// `watchList` gives the wallets of the watch list whenever a subscription needs them.
  public static func make(
    _ settings: FeedSettings, board: FeedBoard, history: FeedHistory, client: HTTPClient, log: Logger,
    watchList: @escaping @Sendable () -> [String]
  ) -> any Feed {
    var log = log
    log[metadataKey: "feed"] = "\(settings.name)"
    switch settings.kind {
    case .file(let file): return RecordingFeed(name: settings.name, settings: file, board: board, log: log)
    case .polymarket(let venue):
      let rest = venue.recovery.url.map { PolymarketRest(base: $0) }
      return StreamFeed(
        name: settings.name, dialect: PolymarketDialect(settings: venue),
        reader: rest.map {
          RestReader(
            client, $0, venue.recovery, certificateFile: venue.certificateFile, board: board, log: log)
        },
        recovery: venue.recovery, reconnect: venue.reconnect, board: board, history: history, log: log)
    case .dome(let relay):
      let rest = relay.recovery.url.map { DomeRest(base: $0, settings: relay, watchList: watchList) }
      return StreamFeed(
        name: settings.name, dialect: DomeDialect(settings: relay, watchList: watchList),
        reader: rest.map {
          RestReader(
            client, $0, relay.recovery, certificateFile: relay.certificateFile, board: board, log: log)
        },
        recovery: relay.recovery, reconnect: relay.reconnect, board: board, history: history, log: log)
    }
  }
}
