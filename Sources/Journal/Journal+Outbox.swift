import Glibc
import OrderFlow

extension Journal {
  /// Deliveries that were given up and are kept, the newest of them.
  public static let deadDeliveries = 10_000
  /// How long they are kept, ms.
  public static let deadDeliveryLife: Int64 = 30 * 86_400_000
  /// Deliveries that wait for one webhook; of more the oldest are given up.
  public static let waitingDeliveries = 100_000

  /// Who is to be told of new signals, and of which.
  struct Watcher {
    var webhook: Int64
    var filter: WebhookFilter
  }

  /// The webhooks that work, looked up once after each change of them.
  private func currentWatchers() throws(JournalError) -> [Watcher] {
    if let watchers { return watchers }
    let query = try usable().webhooks.active
    defer { query.reset() }
    let current = try WebhookRecord.all(query).map { Watcher(webhook: $0.id, filter: $0.filter) }
    watchers = current
    return current
  }

  /// Puts the signal that was just written, with the number `counters.signal`, into the outbox of each webhook.
  func enqueue(_ signal: borrowing Signal) throws(JournalError) {
    let current = try currentWatchers()
    if current.isEmpty || !fillsOutbox { return }
    let enqueue = try writing().webhooks.enqueue
    let now = Journal.wallClock()
    for watcher in current where watcher.filter.passes(signal) {
      enqueue.bind(watcher.webhook)
      enqueue.bind(counters.signal)
      enqueue.bind(now)
      try perform(enqueue)
    }
  }

  /// Milliseconds since 1970 UTC.
  private static func wallClock() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }

  /// Writes what became of attempts; one whose delivery is gone meanwhile changes nothing.
  public func apply(_ results: [WebhookResult]) throws(JournalError) {
    let statements = try writing().webhooks
    for result in results {
      let statement: Statement
      switch result.outcome {
      case .delivered:
        statement = statements.delivered
        statement.bind(result.delivery)
      case .retry(let time), .dead(let time):
        if case .retry = result.outcome { statement = statements.retry } else { statement = statements.die }
        statement.bind(result.delivery)
        statement.bind(time)
        statement.bind(result.status.map { Int64($0) })
        statement.bind(result.reason)
      }
      try perform(statement)
    }
  }

  /// Has all that was given up for a webhook sent again from `now` on, ms since 1970 UTC; returns how many.
  public func resend(webhook id: Int64, at now: Int64) throws(JournalError) -> Int {
    try resend(id, now, \.resend)
  }

  /// Has one delivery that was given up sent again; false when there is none.
  public func resend(delivery id: Int64, at now: Int64) throws(JournalError) -> Bool {
    try resend(id, now, \.resendOne) > 0
  }

  private func resend(
    _ id: Int64, _ now: Int64, _ statement: KeyPath<WebhookStatements, Statement>
  ) throws(JournalError) -> Int {
    let statements = try writing()
    let update = statements.webhooks[keyPath: statement]
    update.bind(id)
    update.bind(now)
    try perform(update)
    return statements.connection.changes
  }

  /// Keeps the outbox within its bounds.
  public func trimOutbox(
    at now: Int64, waiting: Int = Journal.waitingDeliveries, dead: Int = Journal.deadDeliveries
  ) throws(JournalError) {
    let webhooks = try webhooks()
    let statements = try writing().webhooks
    for webhook in webhooks {
      statements.waiting.bind(webhook.id)
      let count = try statements.waiting.step() ? statements.waiting.integer(0) : 0
      statements.waiting.reset()
      if count <= Int64(waiting) { continue }
      statements.killMany.bind(webhook.id)
      statements.killMany.bind(now)
      statements.killMany.bind(Int64(max(waiting, 0)))
      statements.killMany.bind("too many waited")
      try perform(statements.killMany)
    }
    statements.dropOldDead.bind(now &- Journal.deadDeliveryLife)
    try perform(statements.dropOldDead)
    statements.dropManyDead.bind(Int64(max(dead, 0)))
    try perform(statements.dropManyDead)
  }
}
