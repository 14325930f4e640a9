import OrderFlow

extension Journal {
  /// All webhooks by name, this batch included.
  public func webhooks() throws(JournalError) -> [WebhookRecord] {
    let query = try usable().webhooks.all
    defer { query.reset() }
    return try WebhookRecord.all(query)
  }

  /// The webhook of this name; nil when there is none.
  public func webhook(named name: String) throws(JournalError) -> WebhookRecord? {
    let query = try usable().webhooks.named
    query.bind(name)
    defer { query.reset() }
    return try query.step() ? WebhookRecord(query) : nil
  }

  /// Adds a webhook, and returns its id.
  ///
  /// - Throws: `JournalError` with `misuse` when the name is taken, there are too many, or the secret is no good.
  @discardableResult
  public func add(webhook: WebhookRecord) throws(JournalError) -> Int64 {
    guard WebhookRecord.secretBytes.contains(webhook.secret.count) else {
      throw misuse("a webhook's secret has 24 to 64 bytes, this one \(webhook.secret.count)")
    }
    let present = try webhooks()
    if present.contains(where: { $0.name == webhook.name }) {
      throw misuse("there is a webhook \(webhook.name) already; remove it first, or choose another name")
    }
    if present.count >= WebhookRecord.limit {
      throw misuse("there are \(present.count) webhooks, the limit; remove one first")
    }
    let insert = try writing().webhooks.insert
    insert.bind(webhook.name)
    insert.bind(webhook.url)
    insert.bind(webhook.format.rawValue)
    insert.bind(webhook.filter.rule)
    insert.bind(webhook.filter.market)
    insert.bind(webhook.filter.token)
    insert.bind(webhook.filter.user)
    insert.bind(Int64(webhook.filter.minimumSeverity.rawValue))
    insert.bind(blob: webhook.secret)
    if let previous = webhook.previousSecret { insert.bind(blob: previous) } else { insert.bindNull() }
    insert.bind(webhook.previousUntil)
    insert.bind(webhook.allowsPrivate ? 1 : 0 as Int64)
    insert.bind(webhook.createdMilliseconds)
    insert.bind(webhook.disabledMilliseconds)
    insert.bind(webhook.reason)
    try perform(insert)
    watchers = nil
    return try self.webhook(named: webhook.name)?.id ?? 0
  }

  /// Forgets a webhook and all that it was to be sent; false when there is none.
  public func remove(webhook name: String) throws(JournalError) -> Bool {
    guard let webhook = try webhook(named: name) else { return false }
    let statements = try writing().webhooks
    for statement in [statements.delete, statements.dropDeliveries] {
      statement.bind(webhook.id)
      try perform(statement)
    }
    watchers = nil
    return true
  }

  /// Gives a webhook a new secret; the one it had is good until then, ms since 1970 UTC.
  public func rotate(webhook name: String, secret: [UInt8], previousUntil: Int64) throws(JournalError) -> Bool
  {
    guard WebhookRecord.secretBytes.contains(secret.count) else {
      throw misuse("a webhook's secret has 24 to 64 bytes, this one \(secret.count)")
    }
    guard let webhook = try webhook(named: name) else { return false }
    let update = try writing().webhooks.setSecret
    update.bind(webhook.id)
    update.bind(blob: secret)
    update.bind(previousUntil)
    try perform(update)
    return true
  }

  /// Sends a webhook nothing from now on; what waits goes on waiting, or is given up when the receiver `isGone`.
  public func disable(
    webhook id: Int64, at now: Int64, reason: String, isGone: Bool = false
  ) throws(JournalError) {
    let statements = try writing().webhooks
    for statement in isGone ? [statements.disable, statements.killWaiting] : [statements.disable] {
      statement.bind(id)
      statement.bind(now)
      statement.bind(reason)
      try perform(statement)
    }
    watchers = nil
  }

  /// Sends a webhook signals again, and at once what waits for another try; false when there is none of this name.
  ///
  /// `now` is ms since 1970 UTC.
  public func resume(webhook name: String, at now: Int64) throws(JournalError) -> Bool {
    guard let webhook = try webhook(named: name) else { return false }
    let update = try writing().webhooks.resume
    update.bind(webhook.id)
    try perform(update)
    let hasten = try writing().webhooks.hasten
    hasten.bind(webhook.id)
    hasten.bind(now)
    try perform(hasten)
    watchers = nil
    return true
  }

  func misuse(_ message: String) -> JournalError { JournalError(code: .misuse, file: path, message: message) }
}

extension WebhookRecord {
  /// The rows of `WebhookStatements.allQuery`.
  static func all(_ query: Statement) throws(JournalError) -> [WebhookRecord] {
    var records: [WebhookRecord] = []
    while try query.step() { records.append(try WebhookRecord(query)) }
    return records
  }
}
