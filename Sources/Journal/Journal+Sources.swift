import COrderFlow

extension Journal {
  /// Gives a feed's number its name: the `source` of orders is written and read back by it.
  ///
  /// Register every feed once after opening; the same again is harmless.
  /// - Throws: `JournalError` with `misuse` for number 0, or a number that has another name.
  public func registerSource(number: UInt16, name: String) throws(JournalError) {
    if !name.isEmpty, sources.register(number, name) { return }
    throw JournalError(
      code: .misuse, file: path,
      message: "source number \(number) cannot be named \"\(name)\"; use a free number from 1 on and a name")
  }

  /// Event time of the newest order of a feed, ms since 1970 UTC, this batch included; nil without one.
  public func newestEventTime(source: String) throws(JournalError) -> Int64? {
    let stored = try sourceTime(source, column: 0)
    guard let newest = sources.newest(of: source) else { return stored }
    return max(newest, stored ?? newest)
  }

  /// Keeps up to which event time (ms since 1970 UTC) the audit has found nothing missing in a feed.
  public func setAudited(source: String, time: Int64) throws(JournalError) {
    let upsert = try writing().feeds.upsertAudited
    upsert.bind(source)
    upsert.bind(time)
    try perform(upsert)
  }

  /// What `setAudited` kept for a feed, nil when there is nothing.
  public func audited(source: String) throws(JournalError) -> Int64? {
    try sourceTime(source, column: 1)
  }

  private func sourceTime(_ source: String, column: Int32) throws(JournalError) -> Int64? {
    let query = try usable().feeds.source
    query.bind(source)
    guard try query.step() else { return nil }
    defer { query.reset() }
    return query.isNull(column) ? nil : query.integer(column)
  }

  /// Writes the newest event times that the batch has moved.
  func storeSources(_ statements: JournalStatements) throws(JournalError) {
    for slot in sources.slots where slot.isNewer {
      statements.feeds.storeSource.bind(slot.name)
      statements.feeds.storeSource.bind(slot.newest)
      try perform(statements.feeds.storeSource)
    }
  }

  func unregistered(_ number: UInt16) -> JournalError {
    JournalError(
      code: .misuse, file: path,
      message: "source number \(number) has no name; register the feed before its orders are written")
  }
}

extension Statement {
  /// Binds how an order reached us, NULL when a stream pushed it.
  @inline(__always)
  func bind(origin: UInt8) {
    switch Int(origin) {
    case BB_ORIGIN_BACKFILL: bind("backfill" as StaticString)
    case BB_ORIGIN_AUDIT: bind("audit" as StaticString)
    default: bindNull()
    }
  }
}
