/// What went on in one market lately.
public struct MarketActivity: Equatable, Sendable {
  /// The market's slug.
  public var market: String
  /// Its condition id, where the venue says so.
  public var conditionID: String?
  /// Its title.
  public var title: String?
  /// Orders.
  public var orders: Int64
  /// Their notional, micro-dollars.
  public var usd: Int64
  /// Event time of the newest, ms since 1970 UTC.
  public var newest: Int64
}

extension JournalReader {
  /// How many of the newest orders `markets` looks at.
  public static let marketOrders: Int64 = 50_000

  /// The markets of the newest orders, the one with the most money first.
  public func markets(limit: Int) throws(JournalError) -> [MarketActivity] {
    // A sum of doubles cannot overflow, which an error would come of; micro-dollars fit for 9 thousand millions.
    let query = try cached(
      """
      SELECT market_slug, max(condition_id), max(title), count(*), CAST(total(usd) AS INTEGER), max(t)
      FROM events WHERE seq > (SELECT coalesce(max(seq), 0) FROM events) - \(JournalReader.marketOrders)
        AND market_slug IS NOT NULL
      GROUP BY market_slug ORDER BY 5 DESC, 1 LIMIT ?
      """)
    defer { query.reset() }
    query.bind(Int64(limit))
    var markets: [MarketActivity] = []
    while try query.step() {
      markets.append(
        MarketActivity(
          market: query.text(0) ?? "", conditionID: query.text(1), title: query.text(2),
          orders: query.integer(3), usd: query.integer(4), newest: query.integer(5)))
    }
    return markets
  }
}
