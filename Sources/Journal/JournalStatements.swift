/// Every statement the writer runs, prepared once.
final class JournalStatements {
  let connection: Connection
  let begin, commit, rollback: Statement
  let insertEvent, eventIdentity, eventSeq: Statement
  let insertSignal, raiseFoldCount: Statement
  let insertDeadLetter, insertFailure, upsertGap: Statement
  let upsertState, state, upsertVersion: Statement
  let upsertMeta, meta, insertRun, run: Statement
  let feeds: FeedStatements
  let reloads: ReloadStatements
  let webhooks: WebhookStatements

  init(_ connection: Connection) throws(JournalError) {
    self.connection = connection
    begin = try connection.prepare("BEGIN IMMEDIATE")
    commit = try connection.prepare("COMMIT")
    rollback = try connection.prepare("ROLLBACK")
    insertEvent = try connection.prepare(
      """
      INSERT INTO events (seq, identity, t, venue, user, taker, role, side, token_id, token_label,
        market_slug, condition_id, title, price, shares, usd, tx_hash, order_hash, block_number,
        log_index, twin, late, source, origin)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT DO NOTHING
      """)
    eventIdentity = try connection.prepare("SELECT identity FROM events WHERE seq = ?")
    eventSeq = try connection.prepare("SELECT seq FROM events WHERE identity = ?")
    insertSignal = try connection.prepare(
      """
      INSERT INTO signals (n, id, rule, version, seq, t, severity, title, key, market, token, side,
        user, confidence, action, data, fold_count, evidence, late, has_order,
        warming, data_gap)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (id) DO NOTHING
      """)
    // The condition spares a rerun the write when nothing rises.
    raiseFoldCount = try connection.prepare(
      "UPDATE signals SET fold_count = ?2 WHERE id = ?1 AND fold_count < ?2")
    insertDeadLetter = try connection.prepare(
      """
      INSERT INTO dead_letters (source, line, offset, reason, text) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT DO NOTHING
      """)
    insertFailure = try connection.prepare(
      """
      INSERT INTO failures (rule, version, seq, kind, hook, message, trace, order_ref)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
      """)
    upsertGap = try connection.prepare(
      """
      INSERT INTO gaps (source, from_t, to_t, backfilled) VALUES (?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET to_t = max(to_t, excluded.to_t),
        backfilled = max(backfilled, excluded.backfilled)
      """)
    upsertState = try connection.prepare(
      """
      INSERT OR REPLACE INTO rule_state (rule, version, seq, state, dedup, failures, state_version,
        warming_until, windows)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      """)
    state = try connection.prepare(
      """
      SELECT \(RuleState.columns) FROM rule_state WHERE rule = ?
      """)
    upsertVersion = try connection.prepare(
      """
      INSERT INTO versions (version, first_seq, created_ms, outcome, rules, reason)
      VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET outcome = excluded.outcome, rules = excluded.rules,
        reason = excluded.reason
      """)
    upsertMeta = try connection.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)")
    meta = try connection.prepare("SELECT value FROM meta WHERE key = ?")
    insertRun = try connection.prepare("INSERT INTO runs (identity, base) VALUES (?, ?)")
    run = try connection.prepare("SELECT base FROM runs WHERE identity = ?")
    feeds = try FeedStatements(connection)
    reloads = try ReloadStatements(connection)
    webhooks = try WebhookStatements(connection)
  }
}
