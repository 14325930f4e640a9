/// A stretch of a feed that was lost, as the journal holds it.
public struct GapRecord: Equatable, Sendable {
  /// The feed.
  public var source: String
  /// Its beginning, ms since 1970 UTC.
  public var from: Int64
  /// Its end, ms since 1970 UTC.
  public var to: Int64
  /// Whether all of it has been read by REST since.
  public var backfilled: Bool

  /// Everything about one gap.
  public init(source: String, from: Int64, to: Int64, backfilled: Bool) {
    self.source = source
    self.from = from
    self.to = to
    self.backfilled = backfilled
  }

  /// The rows of `FeedStatements.gapsBeforeQuery` up to an event.
  static func all(_ query: Statement, through seq: Int64) throws(JournalError) -> [GapRecord] {
    query.bind(seq)
    var gaps: [GapRecord] = []
    while try query.step() { gaps.append(GapRecord(query)) }
    return gaps
  }

  /// Reads the current row of `SELECT source, from_t, to_t, backfilled`.
  init(_ row: Statement) {
    source = row.text(0) ?? ""
    from = row.integer(1)
    to = row.integer(2)
    backfilled = row.integer(3) != 0
  }
}
