/// The statements that webhooks and their outbox need, prepared once.
final class WebhookStatements {
  let all, named, active, insert, delete, dropDeliveries: Statement
  let setSecret, disable, resume, hasten, killWaiting: Statement
  let enqueue, delivered, retry, die, resend, resendOne: Statement
  let dropOldDead, dropManyDead, waiting, killMany: Statement

  static let allQuery = "SELECT \(WebhookRecord.columns) FROM webhooks ORDER BY name"

  init(_ connection: Connection) throws(JournalError) {
    all = try connection.prepare(WebhookStatements.allQuery)
    named = try connection.prepare("SELECT \(WebhookRecord.columns) FROM webhooks WHERE name = ?")
    active = try connection.prepare("SELECT \(WebhookRecord.columns) FROM webhooks WHERE disabled_ms IS NULL")
    insert = try connection.prepare(
      """
      INSERT INTO webhooks (name, url, format, rule, market, token, user, severity, secret, previous_secret,
        previous_until_ms, allows_private, created_ms, disabled_ms, reason)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """)
    delete = try connection.prepare("DELETE FROM webhooks WHERE id = ?")
    dropDeliveries = try connection.prepare("DELETE FROM outbox WHERE webhook = ?")
    setSecret = try connection.prepare(
      "UPDATE webhooks SET previous_secret = secret, secret = ?2, previous_until_ms = ?3 WHERE id = ?1")
    disable = try connection.prepare(
      "UPDATE webhooks SET disabled_ms = ?2, reason = ?3 WHERE id = ?1 AND disabled_ms IS NULL")
    hasten = try connection.prepare(
      "UPDATE outbox SET next_ms = ?2 WHERE webhook = ?1 AND dead_ms IS NULL AND next_ms > ?2")
    resume = try connection.prepare("UPDATE webhooks SET disabled_ms = NULL, reason = NULL WHERE id = ?")
    killWaiting = try connection.prepare(
      "UPDATE outbox SET dead_ms = ?2, reason = ?3 WHERE webhook = ?1 AND dead_ms IS NULL")
    enqueue = try connection.prepare(
      """
      INSERT INTO outbox (webhook, signal, created_ms, attempts, next_ms) VALUES (?1, ?2, ?3, 0, ?3)
      ON CONFLICT DO NOTHING
      """)
    delivered = try connection.prepare("DELETE FROM outbox WHERE id = ?")
    retry = try connection.prepare(
      "UPDATE outbox SET attempts = attempts + 1, next_ms = ?2, status = ?3, reason = ?4 WHERE id = ?1")
    die = try connection.prepare(
      "UPDATE outbox SET attempts = attempts + 1, dead_ms = ?2, status = ?3, reason = ?4 WHERE id = ?1")
    let again = "SET dead_ms = NULL, created_ms = ?2, next_ms = ?2, attempts = 0"
    resend = try connection.prepare("UPDATE outbox \(again) WHERE webhook = ?1 AND dead_ms IS NOT NULL")
    resendOne = try connection.prepare("UPDATE outbox \(again) WHERE id = ?1 AND dead_ms IS NOT NULL")
    dropOldDead = try connection.prepare("DELETE FROM outbox WHERE dead_ms < ?")
    dropManyDead = try connection.prepare(
      """
      DELETE FROM outbox WHERE id IN (
        SELECT id FROM outbox WHERE dead_ms IS NOT NULL ORDER BY dead_ms DESC, id DESC LIMIT -1 OFFSET ?)
      """)
    waiting = try connection.prepare("SELECT count(*) FROM outbox WHERE webhook = ? AND dead_ms IS NULL")
    // Deliveries get their numbers in the order of their signals.
    killMany = try connection.prepare(
      """
      UPDATE outbox SET dead_ms = ?2, reason = ?4 WHERE id IN (
        SELECT id FROM outbox WHERE webhook = ?1 AND dead_ms IS NULL ORDER BY id DESC LIMIT -1 OFFSET ?3)
      """)
  }
}
