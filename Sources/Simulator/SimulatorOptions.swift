/// What a simulator plays, how fast, what goes wrong, and where it listens.
public struct SimulatorOptions: Sendable {
  /// Where the orders come from.
  public enum Source: Sendable {
    /// A recorded file, in any format the scanner reads.
    case file(String)
    /// So many orders, made up from the seed.
    case generated(Int)
  }

  /// How fast they come.
  public enum Speed: Equatable, Sendable {
    /// Orders a second.
    case rate(Double)
    /// So many times as fast as they were recorded.
    case recorded(Double)
    /// As fast as every subscriber takes them.
    case maximum
  }

  /// A certificate chain and its key, PEM files.
  public struct TLS: Sendable {
    /// The chain, the server's own certificate first.
    public var certificate: String
    /// Its key, without a pass phrase.
    public var privateKey: String

    /// Names both files.
    public init(certificate: String, privateKey: String) {
      self.certificate = certificate
      self.privateKey = privateKey
    }
  }

  /// So many REST requests in a stretch of time.
  public struct RequestLimit: Equatable, Sendable {
    /// The most that are answered.
    public var requests: Int
    /// In any stretch so long.
    public var seconds: Int

    /// That many requests in that many seconds.
    public init(requests: Int, seconds: Int) {
      self.requests = requests
      self.seconds = seconds
    }
  }

  /// Where the orders come from.
  public var source: Source
  /// How fast they come.
  public var speed = Speed.rate(100)
  /// Decides everything that is left to chance.
  public var seed: UInt64 = 1
  /// Whether orders carry the second at which they are sent instead of the recorded one.
  public var usesWallTime = false
  /// Whether the flow is played again and again, with fresh transactions and later times.
  public var loops = false
  /// Whether the flow begins before anybody subscribes.
  public var startsAtOnce = false
  /// The share of legs that happen twice, as two true fills.
  public var twinRate = 0.0
  /// What goes wrong on the way.
  public var faults = FaultCounts()
  /// The share of orders that are sent twice.
  public var duplicateRate = 0.0
  /// The share of orders at which a stretch of 2 to 5 is shuffled.
  public var reorderRate = 0.0
  /// The share of REST requests that are answered with 429 or 503.
  public var restErrorRate = 0.0
  /// The longest time until REST shows an order.
  public var restLag = Duration.milliseconds(1500)
  /// The most REST requests; further ones get 429.
  public var restLimit: RequestLimit?
  /// How long after the last order a fault of REST waits for a request.
  public var restFaultPatience = Duration.seconds(120)
  /// The key that clients need, if any.
  public var key: String?
  /// The most subscriptions of a connection.
  public var maximumSubscriptions = 500
  /// The most wallets of a subscription.
  public var maximumWallets = 500
  /// Unsent bytes at which a subscriber that does not read is dropped.
  public var maximumPendingBytes = 64 << 20
  /// How many of the newest orders REST and the file of what was sent keep.
  public var keptOrders = 4_000_000
  /// The address to listen on.
  public var host = "127.0.0.1"
  /// 0 takes any free port.
  public var port = 0
  /// Makes the port speak TLS.
  public var tls: TLS?
  /// Where to write every order that happened, as one REST row a line, once the flow is finished.
  public var sentPath: String?

  /// The defaults, for this flow.
  public init(source: Source) { self.source = source }
}
