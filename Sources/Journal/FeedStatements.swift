/// The statements that live feeds need, prepared once.
final class FeedStatements {
  let insertTick, tick: Statement
  let insertGapEvent, gapEvent, gapsBefore: Statement
  let upsertMark, newestMark, newestMarkBefore: Statement
  let storeSource, source, upsertAudited: Statement
  let openGaps, markBackfilled: Statement
  let kills: Statement

  /// Gaps without an event are those of an older layout, or their events went by retention.
  static let gapsBeforeQuery = """
    SELECT source, from_t, to_t, backfilled FROM (
      SELECT g.source, g.from_t, g.to_t, g.backfilled, 0 AS seq FROM gaps g
      WHERE g.backfilled = 0 AND NOT EXISTS (
        SELECT 1 FROM gap_events e WHERE e.source = g.source AND e.from_t = g.from_t)
      UNION ALL
      SELECT source, from_t, to_t, backfilled, seq FROM gap_events WHERE seq <= ?)
    ORDER BY seq, from_t
    """

  init(_ connection: Connection) throws(JournalError) {
    insertTick = try connection.prepare("INSERT INTO ticks (seq, t) VALUES (?, ?) ON CONFLICT DO NOTHING")
    tick = try connection.prepare("SELECT t FROM ticks WHERE seq = ?")
    insertGapEvent = try connection.prepare(
      """
      INSERT INTO gap_events (seq, source, from_t, to_t, backfilled) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT DO NOTHING
      """)
    gapEvent = try connection.prepare(
      "SELECT source, from_t, to_t, backfilled FROM gap_events WHERE seq = ?")
    gapsBefore = try connection.prepare(FeedStatements.gapsBeforeQuery)
    upsertMark = try connection.prepare("INSERT OR REPLACE INTO marks (seq, clock) VALUES (?, ?)")
    newestMark = try connection.prepare("SELECT seq, clock FROM marks ORDER BY seq DESC LIMIT 1")
    newestMarkBefore = try connection.prepare(
      "SELECT seq, clock FROM marks WHERE clock <= ? ORDER BY clock DESC, seq DESC LIMIT 1")
    storeSource = try connection.prepare(
      """
      INSERT INTO sources (name, newest_t) VALUES (?, ?)
      ON CONFLICT DO UPDATE SET newest_t = max(coalesce(newest_t, excluded.newest_t), excluded.newest_t)
      """)
    source = try connection.prepare("SELECT newest_t, audited_t FROM sources WHERE name = ?")
    upsertAudited = try connection.prepare(
      """
      INSERT INTO sources (name, audited_t) VALUES (?, ?)
      ON CONFLICT DO UPDATE SET audited_t = excluded.audited_t
      """)
    openGaps = try connection.prepare(
      """
      SELECT source, from_t, to_t, backfilled FROM gaps
      WHERE source = ? AND backfilled = 0 ORDER BY from_t
      """)
    markBackfilled = try connection.prepare(
      "UPDATE gaps SET backfilled = 1 WHERE source = ? AND backfilled = 0 AND to_t <= ?")
    kills = try connection.prepare(
      "SELECT rule, hook, seq FROM failures WHERE kind = 'killed' AND seq > ? ORDER BY seq, id")
  }
}
