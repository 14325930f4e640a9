extension JournalReader {
  /// All webhooks, by name.
  public func webhooks() throws(JournalError) -> [WebhookRecord] {
    try WebhookRecord.all(try connection.prepare(WebhookStatements.allQuery))
  }

  /// What a webhook is to be sent at `now` (ms since 1970 UTC), what waits longest first, at most so many.
  public func dueDeliveries(
    of webhook: Int64, at now: Int64, limit: Int
  ) throws(JournalError) -> [WebhookDelivery] {
    let query = try deliveries(
      "o.webhook = ? AND o.dead_ms IS NULL AND o.next_ms <= ? ORDER BY o.next_ms, o.id")
    query.bind(webhook)
    query.bind(now)
    return try all(query, limit)
  }

  /// What waits for a webhook and what was given up, the newest first, at most so many.
  public func deliveries(
    of webhook: Int64, isDead: Bool, limit: Int
  ) throws(JournalError) -> [WebhookDelivery] {
    let query = try deliveries(
      "o.webhook = ? AND o.dead_ms IS \(isDead ? "NOT " : "")NULL ORDER BY o.id DESC")
    query.bind(webhook)
    return try all(query, limit)
  }

  /// When the next delivery after `now` is due for a webhook that works; nil when none waits.
  public func nextDelivery(of webhook: Int64, after now: Int64) throws(JournalError) -> Int64? {
    let query = try connection.prepare(
      "SELECT min(next_ms) FROM outbox WHERE webhook = ? AND dead_ms IS NULL AND next_ms > ?")
    query.bind(webhook)
    query.bind(now)
    return try query.step() && !query.isNull(0) ? query.integer(0) : nil
  }

  /// How many deliveries wait for a webhook, and how many were given up.
  public func deliveryCounts(of webhook: Int64) throws(JournalError) -> (waiting: Int, dead: Int) {
    let query = try connection.prepare(
      """
      SELECT (SELECT count(*) FROM outbox WHERE webhook = ?1 AND dead_ms IS NULL),
        (SELECT count(*) FROM outbox WHERE webhook = ?1 AND dead_ms IS NOT NULL)
      """)
    query.bind(webhook)
    return try query.step() ? (Int(query.integer(0)), Int(query.integer(1))) : (0, 0)
  }

  private func deliveries(_ condition: String) throws(JournalError) -> Statement {
    try connection.prepare(
      """
      SELECT \(SignalRows.selection(SignalRows.columns)), \(StoredSignal.ownColumns), \(WebhookDelivery.columns)
      FROM outbox o LEFT JOIN signals s ON s.n = o.signal
      LEFT JOIN events e ON e.seq = s.seq AND s.has_order = 1
      WHERE \(condition) LIMIT ?
      """)
  }

  private func all(_ query: Statement, _ limit: Int) throws(JournalError) -> [WebhookDelivery] {
    query.bind(Int64(max(limit, 0)))
    var deliveries: [WebhookDelivery] = []
    while try query.step() { deliveries.append(WebhookDelivery(query)) }
    return deliveries
  }
}
