public import OrderFlow

extension Journal {
  /// Whether an order with this identity is stored, this batch included.
  public func contains(identity: Digest128) throws(JournalError) -> Bool {
    let query = try usable().eventSeq
    query.bind(blob: identity)
    defer { query.reset() }
    return try query.step()
  }

  /// The stretches of a feed that were lost and not read since, oldest first.
  public func openGaps(source: String) throws(JournalError) -> [GapRecord] {
    let query = try usable().feeds.openGaps
    query.bind(source)
    var gaps: [GapRecord] = []
    while try query.step() { gaps.append(GapRecord(query)) }
    return gaps
  }

  /// What feeds had reported of their gaps up to an event, in order, so that an engine can be rebuilt from there.
  public func gaps(through seq: Int64) throws(JournalError) -> [GapRecord] {
    try GapRecord.all(try usable().feeds.gapsBefore, through: seq)
  }

  /// Marks the gaps of a feed that end at or before a time (ms since 1970 UTC) as backfilled.
  public func markBackfilled(source: String, until time: Int64) throws(JournalError) {
    let update = try writing().feeds.markBackfilled
    update.bind(source)
    update.bind(time)
    try perform(update)
  }

  /// The calls of rules that were killed at events after `seq`, in order; a rebuild repeats them.
  public func kills(
    after seq: Int64
  ) throws(JournalError) -> [(rule: String, hook: String, seq: Int64)] {
    let query = try usable().feeds.kills
    query.bind(seq)
    var kills: [(rule: String, hook: String, seq: Int64)] = []
    while try query.step() {
      kills.append((query.text(0) ?? "", query.text(1) ?? "", query.integer(2)))
    }
    return kills
  }
}
