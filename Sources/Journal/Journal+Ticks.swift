extension Journal {
  /// Writes that the wall moved the clock on a quiet feed: `seq` as of an order, `clock` in ms since 1970 UTC.
  ///
  /// The same tick again adds nothing.
  /// - Throws: `JournalError` with `sequenceClash` when `seq` belongs to an order, a gap or another tick.
  public func append(tick seq: Int64, clock: Int64) throws(JournalError) {
    let statements = try writing()
    try refuseOrder(seq, statements)
    if try storedGap(seq, statements) != nil { throw void(clash(seq, "a gap")) }
    let insert = statements.feeds.insertTick
    insert.bind(seq)
    insert.bind(clock)
    try perform(insert)
    if statements.connection.changes == 0, try storedTick(seq, statements) != clock {
      throw void(clash(seq, "another tick"))
    }
    noteMoment(seq)
  }

  private func storedTick(_ seq: Int64, _ statements: JournalStatements) throws(JournalError) -> Int64? {
    statements.feeds.tick.bind(seq)
    guard try statements.feeds.tick.step() else { return nil }
    defer { statements.feeds.tick.reset() }
    return statements.feeds.tick.integer(0)
  }

  private func noteMoment(_ seq: Int64) {
    counters.moment = max(counters.moment, seq)
    counters.sequence = max(counters.sequence, seq)
  }

  // MARK: Gaps

  /// Writes that a stretch of a feed was lost, or filled, as an event: `seq` as of an order.
  ///
  /// The same event again adds nothing.
  /// - Throws: `JournalError` with `sequenceClash` when `seq` belongs to an order, a tick or another gap.
  public func append(gap seq: Int64, _ gap: GapRecord) throws(JournalError) {
    let statements = try writing()
    try refuseOrder(seq, statements)
    if try storedTick(seq, statements) != nil { throw void(clash(seq, "a tick")) }
    let insert = statements.feeds.insertGapEvent
    insert.bind(seq)
    insert.bind(gap.source)
    insert.bind(gap.from)
    insert.bind(gap.to)
    insert.bind(gap.backfilled ? 1 : 0 as Int64)
    try perform(insert)
    if statements.connection.changes == 0, try storedGap(seq, statements) != gap {
      throw void(clash(seq, "another gap"))
    }
    noteMoment(seq)
  }

  private func storedGap(_ seq: Int64, _ statements: JournalStatements) throws(JournalError) -> GapRecord? {
    statements.feeds.gapEvent.bind(seq)
    guard try statements.feeds.gapEvent.step() else { return nil }
    defer { statements.feeds.gapEvent.reset() }
    return GapRecord(statements.feeds.gapEvent)
  }

  // MARK: Clashes

  /// Refuses an order whose number is a tick's or a gap's.
  func refuseMoment(_ seq: Int64, _ statements: JournalStatements) throws(JournalError) {
    if try storedTick(seq, statements) != nil { throw void(clash(seq, "a tick")) }
    if try storedGap(seq, statements) != nil { throw void(clash(seq, "a gap")) }
  }

  private func refuseOrder(_ seq: Int64, _ statements: JournalStatements) throws(JournalError) {
    statements.eventIdentity.bind(seq)
    if try statements.eventIdentity.step() {
      statements.eventIdentity.reset()
      throw void(clash(seq, "an order"))
    }
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
