extension Journal {
  /// Writes that the wall moved the clock on a quiet feed: `seq` as of an order, `clock` in ms since 1970 UTC.
  ///
  /// The same tick again adds nothing.
  /// - Throws: `JournalError` with `sequenceClash` when `seq` belongs to an order or to another tick.
  public func append(tick seq: Int64, clock: Int64) throws(JournalError) {
    let statements = try writing()
    statements.eventIdentity.bind(seq)
    if try statements.eventIdentity.step() {
      statements.eventIdentity.reset()
      throw void(clash(seq, "an order"))
    }
    let insert = statements.feeds.insertTick
    insert.bind(seq)
    insert.bind(clock)
    try perform(insert)
    if statements.connection.changes == 0, try storedTick(seq, statements) != clock {
      throw void(clash(seq, "another tick"))
    }
    counters.tick = max(counters.tick, seq)
    counters.sequence = max(counters.sequence, seq)
  }

  private func storedTick(_ seq: Int64, _ statements: JournalStatements) throws(JournalError) -> Int64? {
    statements.feeds.tick.bind(seq)
    guard try statements.feeds.tick.step() else { return nil }
    defer { statements.feeds.tick.reset() }
    return statements.feeds.tick.integer(0)
  }

  /// Refuses an order whose number is a tick's.
  func refuseTick(_ seq: Int64, _ statements: JournalStatements) throws(JournalError) {
    if try storedTick(seq, statements) != nil { throw void(clash(seq, "a tick")) }
  }

  private func clash(_ seq: Int64, _ owner: String) -> JournalError {
    JournalError(
      code: .sequenceClash, file: path,
      message: "sequence number \(seq) belongs to \(owner); continue after the highest number given")
  }

  // MARK: Marks

  /// Keeps the clock (highest event time, ms since 1970 UTC) as of the event or tick `seq`.
  ///
  /// Marks tell where to begin reading back for a stretch of event time; one now and then is enough.
  public func append(markAt seq: Int64, clock: Int64) throws(JournalError) {
    let upsert = try writing().feeds.upsertMark
    upsert.bind(seq)
    upsert.bind(clock)
    try perform(upsert)
  }

  /// The last mark at which the clock had not passed a time (ms since 1970 UTC); nil without one.
  ///
  /// Every event that moved the clock past that time has a higher number.
  public func newestMark(atOrBefore clock: Int64) throws(JournalError) -> (seq: Int64, clock: Int64)? {
    let query = try usable().feeds.newestMarkBefore
    query.bind(clock)
    return try Journal.mark(query)
  }

  /// The mark with the highest number, nil without one.
  public func newestMark() throws(JournalError) -> (seq: Int64, clock: Int64)? {
    try Journal.mark(try usable().feeds.newestMark)
  }

  private static func mark(_ query: Statement) throws(JournalError) -> (seq: Int64, clock: Int64)? {
    guard try query.step() else { return nil }
    defer { query.reset() }
    return (query.integer(0), query.integer(1))
  }
}
