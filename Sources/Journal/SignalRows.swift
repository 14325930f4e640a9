/// The flat row of a signal that analysts read: the view `signal_rows`, and the reader's own query.
enum SignalRows {
  /// The columns in order, each with the expression that makes it.
  static let columns = firstColumns + [("warming", "s.warming"), ("data_gap", "s.data_gap")]

  /// The columns of the first layout of a journal; fixed, since a migration begins with them.
  static let firstColumns: [(name: String, expression: String)] = [
    ("id", "lower(hex(s.id))"),
    ("rule", "s.rule"),
    ("version", "s.version"),
    ("seq", "s.seq"),
    ("t", "s.t"),
    ("severity", "s.severity"),
    ("title", "s.title"),
    ("key", "s.key"),
    ("confidence", "s.confidence"),
    ("fold_count", "s.fold_count"),
    ("user", "coalesce(e.user, s.user)"),
    ("market_slug", "coalesce(e.market_slug, s.market)"),
    ("token_id", "coalesce(e.token_id, s.token)"),
    ("token_label", "e.token_label"),
    ("side", "coalesce(e.side, s.side)"),
    ("price", decimal("e.price")),
    ("shares", decimal("e.shares")),
    ("usd", decimal("e.usd")),
    ("tx_hash", "e.tx_hash"),
    ("order_hash", "e.order_hash"),
    ("data", "s.data"),
  ]

  /// Columns as a SELECT's result list.
  static func selection(_ columns: [(name: String, expression: String)]) -> String {
    columns.map { "\($0.expression) AS \($0.name)" }.joined(separator: ",\n  ")
  }

  /// Where the columns come from; a signal without an order must not show the event it happened at.
  static let source = "FROM signals s LEFT JOIN events e ON e.seq = s.seq AND s.has_order = 1"

  /// Millionths as decimal text: no superfluous zeros, no binary float on the way.
  ///
  /// The minus of `-0.5` has to be written apart, because its whole part is zero. `abs` sees a remainder
  /// only: of the smallest integer it would raise an error.
  private static func decimal(_ column: String) -> String {
    """
    CASE WHEN \(column) IS NULL THEN NULL \
    WHEN \(column) % 1000000 = 0 THEN CAST(\(column) / 1000000 AS TEXT) \
    ELSE rtrim(printf('%s%d.%06d', \
    CASE WHEN \(column) < 0 AND \(column) > -1000000 THEN '-' ELSE '' END, \
    \(column) / 1000000, abs(\(column) % 1000000)), '0') END
    """
  }
}
