import OrderFlow

extension JournalReader {
  // MARK: What explains a signal

  /// The signals whose id begins with these hexadecimal digits, at most two of them.
  public func signals(idPrefix digits: String) throws -> [StoredSignal] {
    let missing = max(0, 32 - digits.utf8.count)
    guard let low = Digest128(hex: digits + String(repeating: "0", count: missing)),
      let high = Digest128(hex: digits + String(repeating: "f", count: missing))
    else { return [] }
    let query = try connection.prepare(select("s.id BETWEEN ? AND ? ORDER BY s.n LIMIT 2"))
    query.bind(blob: low)
    query.bind(blob: high)
    return try signals(query)
  }

  /// The signals of a rule at events before `seq`, from an event time (ms since 1970 UTC) on, oldest first.
  public func signals(of rule: String, before seq: Int64, since time: Int64) throws -> [StoredSignal] {
    let query = try connection.prepare(select("s.rule = ? AND s.seq < ? AND s.t >= ? ORDER BY s.n"))
    query.bind(rule)
    query.bind(seq)
    query.bind(time)
    return try signals(query)
  }

  private func select(_ rest: String) -> String {
    """
    SELECT \(SignalRows.selection(SignalRows.columns)), \(StoredSignal.ownColumns)
    \(SignalRows.source) WHERE \(rest)
    """
  }

  private func signals(_ query: Statement) throws -> [StoredSignal] {
    var found: [StoredSignal] = []
    while try query.step() { found.append(try StoredSignal(query)) }
    return found
  }

  /// The number of a wallet's newest order in a market at or before an event time, ms since 1970 UTC.
  public func newestOrder(
    user: String, market: String, atOrBefore time: Int64
  ) throws(JournalError) -> Int64? {
    let query = try connection.prepare(
      """
      SELECT seq FROM events WHERE user = ? AND market_slug = ? AND t <= ? ORDER BY t DESC, seq DESC LIMIT 1
      """)
    query.bind(user)
    query.bind(market)
    query.bind(time)
    return try query.step() ? query.integer(0) : nil
  }

  /// The newest mark before an event.
  public func newestMark(before seq: Int64) throws(JournalError) -> (seq: Int64, clock: Int64)? {
    let query = try connection.prepare("SELECT seq, clock FROM marks WHERE seq < ? ORDER BY seq DESC LIMIT 1")
    query.bind(seq)
    return try query.step() ? (query.integer(0), query.integer(1)) : nil
  }

  /// The version of the rule set that an event met; nil when nothing says so.
  public func version(at seq: Int64) throws(JournalError) -> String? {
    for sql in [
      "SELECT version FROM reloads WHERE outcome != 'rejected' AND seq < ? ORDER BY id DESC LIMIT 1",
      """
      SELECT version FROM versions WHERE outcome != 'rejected' AND first_seq <= ?
      ORDER BY first_seq DESC, created_ms DESC LIMIT 1
      """,
    ] {
      let query = try connection.prepare(sql)
      query.bind(seq)
      if try query.step() { return query.text(0) }
    }
    return nil
  }

  /// Where rules left their quarantine before an event, in order: each behind the event `seq`.
  public func resumptions(before seq: Int64) throws(JournalError) -> [(rule: String, seq: Int64)] {
    let query = try connection.prepare(
      "SELECT reason, seq FROM reloads WHERE outcome = '\(ReloadRecord.resumed)' AND seq < ? ORDER BY id")
    query.bind(seq)
    var found: [(rule: String, seq: Int64)] = []
    while try query.step() { found.append((query.text(0) ?? "", query.integer(1))) }
    return found
  }

  /// What feeds had reported of their gaps up to an event, in order, so that an engine can be rebuilt from there.
  public func gaps(through seq: Int64) throws(JournalError) -> [GapRecord] {
    try GapRecord.all(try connection.prepare(FeedStatements.gapsBeforeQuery), through: seq)
  }

  /// The calls of a rule that were killed, in order; a rebuild repeats them.
  public func kills(of rule: String) throws(JournalError) -> [(hook: String, seq: Int64)] {
    let query = try connection.prepare(
      "SELECT hook, seq FROM failures WHERE kind = 'killed' AND rule = ? ORDER BY seq, id")
    query.bind(rule)
    var kills: [(hook: String, seq: Int64)] = []
    while try query.step() { kills.append((query.text(0) ?? "", query.integer(1))) }
    return kills
  }
}
