/// One configured feed: where events come from, under a name that every event carries.
public struct FeedSettings: Sendable, Equatable {
  /// The name in logs, in the journal and in `status`.
  public var name: String
  /// What it connects to.
  public var kind: Kind

  /// The kinds of feed.
  public enum Kind: Sendable, Equatable {
    /// Polymarket's own stream of trades, backfilled from its Data API.
    case polymarket(PolymarketSettings)
    /// A relay that speaks the Dome protocol.
    case dome(DomeSettings)
    /// Recorded flow, at its own pace or another.
    case file(FileSettings)
  }

  /// Names a feed.
  public init(name: String, kind: Kind) {
    self.name = name
    self.kind = kind
  }

  /// `polymarket`, `dome` or `file`.
  public var kindName: String {
    switch kind {
    case .polymarket: "polymarket"
    case .dome: "dome"
    case .file: "file"
    }
  }
}

/// How a feed reads by REST what its stream lost, and checks that it lost nothing.
public struct RecoverySettings: Sendable, Equatable {
  /// Base URL of the REST interface, without a slash at its end; nil: nothing can be read back.
  public var url: String?
  /// Requests a second at most, well inside what the venue allows.
  public var requestsPerSecond: Double
  /// How often the last minutes are read again; nil: only after a lost stretch.
  public var auditEvery: Duration? = .seconds(10)
  /// The least time an order is given to appear in REST before a read counts as having seen it.
  public var margin: Duration = .seconds(15)
  /// What is read again before the last order that is known to be complete.
  public var overlap: Duration = .seconds(30)

  /// Names the interface and its limit.
  public init(url: String?, requestsPerSecond: Double) {
    self.url = url
    self.requestsPerSecond = requestsPerSecond
  }
}

/// When a stream is connected again.
public struct ReconnectSettings: Sendable, Equatable {
  /// The first attempt waits at most so long; each further one twice as long.
  public var first: Duration = .seconds(1)
  /// No attempt waits longer.
  public var longest: Duration = .seconds(60)
  /// A connection that held for so long starts over.
  public var healthyAfter: Duration = .seconds(60)

  /// From one second to a minute.
  public init() {}
}

/// Settings of a `polymarket` feed.
public struct PolymarketSettings: Sendable, Equatable {
  /// The stream of trades (RTDS).
  public var url = "wss://ws-live-data.polymarket.com"
  /// The Data API allows 200 reads of trades in ten seconds.
  public var recovery = RecoverySettings(url: "https://data-api.polymarket.com", requestsPerSecond: 15)
  /// When it is connected again.
  public var reconnect = ReconnectSettings()
  /// An additional trusted certificate, PEM.
  public var certificateFile: String?
  /// How often the text `PING` is sent.
  public var pingEvery: Duration = .seconds(5)
  /// Without a trade for so long the subscription has lapsed.
  public var silence: Duration = .seconds(60)

  /// The real venue.
  public init() {}
}

/// Settings of a `dome` feed.
public struct DomeSettings: Sendable, Equatable {
  /// What to subscribe to.
  public enum Filter: Sendable, Equatable {
    /// Every order (`*`).
    case everything
    /// The orders of these wallets.
    case users([String])
    /// The orders of the wallets on the watch list, `rules/tables/wallets.csv`.
    case watchList
    /// The orders of these markets.
    case conditions([String])
    /// The orders of these markets, by slug.
    case markets([String])
  }

  /// The relay, without the key.
  public var url: String
  /// The key, which goes into the stream's path and the REST header; it is never shown.
  public var key: String?
  /// REST of the relay; a free key may ask once a second.
  public var recovery: RecoverySettings
  /// When it is connected again.
  public var reconnect = ReconnectSettings()
  /// An additional trusted certificate, PEM.
  public var certificateFile: String?
  /// What to subscribe to.
  public var filter = Filter.everything
  /// Wallets or markets that one subscription may hold.
  public var subscriptionSize = 500
  /// Subscriptions that a key may hold.
  public var subscriptionLimit = 500
  /// How long the relay may take to acknowledge a subscription.
  public var acknowledgeWithin: Duration = .seconds(10)
  /// Without an order for so long the subscription is taken to have lapsed; nil: a quiet filter is normal.
  public var silence: Duration? = .seconds(60)

  /// A relay and its REST interface.
  public init(url: String, restURL: String?, key: String? = nil) {
    self.url = url
    self.key = key
    recovery = RecoverySettings(url: restURL, requestsPerSecond: 1)
  }
}

/// Settings of a `file` feed.
public struct FileSettings: Sendable, Equatable {
  /// The recording; `-` is standard input.
  public var path: String
  /// How many times as fast as it was recorded; nil: as fast as the engine takes it.
  public var speed: Double? = 1
  /// Begin again at the end.
  public var loops = false

  /// Names the recording.
  public init(path: String) { self.path = path }
}
