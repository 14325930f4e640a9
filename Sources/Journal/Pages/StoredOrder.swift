/// An order as the journal holds it, with texts of its own.
public struct StoredOrder: Equatable, Sendable {
  /// Its number in the journal.
  public var seq: Int64
  /// Event time, ms since 1970 UTC.
  public var time: Int64
  /// `polymarket` or `kalshi`.
  public var venue: String
  /// `BUY` or `SELL`.
  public var side: String
  /// The wallet, nil when the venue did not say.
  public var user: String?
  /// `taker` or `maker`.
  public var role: String?
  /// The outcome token, and its name.
  public var token: String?
  /// The outcome's name, such as `Yes`.
  public var tokenLabel: String?
  /// The market's slug.
  public var market: String?
  /// The market's condition id.
  public var conditionID: String?
  /// The market's title.
  public var title: String?
  /// Micro-dollars a share.
  public var price: Int64
  /// Micro-shares.
  public var shares: Int64
  /// Micro-dollars.
  public var usd: Int64
  /// The transaction.
  public var transaction: String?
  /// The order's own hash.
  public var orderHash: String?
  /// It was behind the watermark when it came.
  public var late: Bool
  /// The feed it came from.
  public var source: String?

  static let columns = """
    e.seq, e.t, e.venue, e.side, e.user, e.role, e.token_id, e.token_label, e.market_slug, e.condition_id,
    e.title, e.price, e.shares, e.usd, e.tx_hash, e.order_hash, e.late, e.source
    """

  init(_ row: Statement) {
    seq = row.integer(0)
    time = row.integer(1)
    venue = row.text(2) ?? ""
    side = row.text(3) ?? ""
    user = row.text(4)
    role = row.text(5)
    token = row.text(6)
    tokenLabel = row.text(7)
    market = row.text(8)
    conditionID = row.text(9)
    title = row.text(10)
    price = row.integer(11)
    shares = row.integer(12)
    usd = row.integer(13)
    transaction = row.text(14)
    orderHash = row.text(15)
    late = row.integer(16) != 0
    source = row.text(17)
  }
}
