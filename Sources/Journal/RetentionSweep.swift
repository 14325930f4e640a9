/// One step of retention: finds and deletes old rows until its budget is spent.
struct RetentionSweep {
  let connection: Connection
  var retention: Retention
  var budget: Int
  private(set) var deleted = 0

  private struct StoredRow {
    var number: Int64
    var seq: Int64
    var hasOrder: Bool
  }

  init(connection: Connection, retention: Retention, budget: Int) {
    self.connection = connection
    self.retention = retention
    self.budget = budget
  }

  mutating func run(cutoff: Int64?, maximumRows: Int?) throws(JournalError) {
    if !retention.isIndexed {
      try connection.execute(Schema.retentionIndexes)
      retention.isIndexed = true
    }
    // Signals first: an event may go once no signal that stays was triggered by it.
    if let cutoff {
      try deleteSignals("WHERE t < ? ORDER BY t LIMIT ?", cutoff, limit: budget)
      try deleteEvents(olderThan: cutoff)
      try deleteClock(olderThan: cutoff)
    }
    if let maximumRows {
      let counts = try retention.count(connection)
      let excess = min(budget, counts.signals - maximumRows)
      if excess > 0 { try deleteSignals("WHERE n > ? ORDER BY n LIMIT ?", Int64.min, limit: excess) }
      try deleteEvents(beyond: maximumRows)
      try deleteClock("ticks", keeping: maximumRows)
      try deleteClock("gap_events", keeping: maximumRows)
      // One mark stays: the clock as of a number is not known otherwise.
      try deleteClock("marks", keeping: max(maximumRows, 1))
    }
    let cap = min(maximumRows ?? Journal.noticeCap, Journal.noticeCap)
    try deleteNotices("dead_letters", keeping: cap)
    try deleteNotices("failures", keeping: cap)
    try deleteNotices("reloads", keeping: cap)
  }

  private mutating func deleteSignals(
    _ condition: String, _ value: Int64, limit: Int
  ) throws(JournalError) {
    let query = try connection.prepare("SELECT n, seq, has_order FROM signals \(condition)")
    query.bind(value)
    query.bind(Int64(limit))
    var rows: [StoredRow] = []
    while try query.step() {
      rows.append(
        StoredRow(number: query.integer(0), seq: query.integer(1), hasOrder: query.integer(2) != 0))
    }
    let delete = try connection.prepare("DELETE FROM signals WHERE n = ?")
    for row in rows {
      delete.bind(row.number)
      try delete.run()
    }
    spend(rows.count)
    retention.noteDeleted(events: 0, signals: rows.count)
    try release(rows)
  }

  /// Deletes events that the row cap had passed over because of signals that are gone now.
  private mutating func release(_ rows: [StoredRow]) throws(JournalError) {
    let delete = try connection.prepare(
      "DELETE FROM events AS e WHERE e.seq = ? AND NOT EXISTS (\(RetentionSweep.holder))")
    for row in rows where row.hasOrder && row.seq <= retention.examinedSeq {
      delete.bind(row.seq)
      try delete.run()
      // Not charged to the budget: it is at most one event for each signal that was.
      let count = connection.changes
      deleted += count
      retention.noteDeleted(events: count, signals: 0)
    }
  }

  private mutating func deleteEvents(olderThan cutoff: Int64) throws(JournalError) {
    if budget <= 0 { return }
    let delete = try connection.prepare(
      """
      DELETE FROM events WHERE seq IN (
        SELECT e.seq FROM events e WHERE e.t < ? AND NOT EXISTS (\(RetentionSweep.holder))
        ORDER BY e.t LIMIT ?)
      """)
    delete.bind(cutoff)
    delete.bind(Int64(budget))
    try delete.run()
    let count = connection.changes
    spend(count)
    if count > 0 { try notePruned(before: cutoff) }
    retention.noteDeleted(events: count, signals: 0)
  }

  /// Where `meta` has the event time before which windows cannot be filled any more.
  static let prunedKey = "pruned_t"

  private func notePruned(before time: Int64) throws(JournalError) {
    let upsert = try connection.prepare(
      """
      INSERT INTO meta (key, value) VALUES ('\(RetentionSweep.prunedKey)', ?)
      ON CONFLICT (key) DO UPDATE SET value = max(value, excluded.value)
      """)
    upsert.bind(time)
    try upsert.run()
  }

  /// Walks on from where the last step stopped, so that events held by signals are looked at once.
  private mutating func deleteEvents(beyond maximumRows: Int) throws(JournalError) {
    var excess = min(budget, try retention.count(connection).events - maximumRows)
    if excess <= 0 { return }
    let query = try connection.prepare(
      """
      SELECT e.seq, EXISTS (\(RetentionSweep.holder)), e.t FROM events e
      WHERE e.seq > ? ORDER BY e.seq LIMIT ?
      """)
    query.bind(retention.examinedSeq)
    query.bind(Int64(budget) * 4)
    var doomed: [Int64] = []
    var newest = Int64.min
    while excess > 0, try query.step() {
      retention.examinedSeq = query.integer(0)
      if query.integer(1) != 0 { continue }
      doomed.append(query.integer(0))
      newest = max(newest, query.integer(2))
      excess -= 1
    }
    query.reset()
    let delete = try connection.prepare("DELETE FROM events WHERE seq = ?")
    for seq in doomed {
      delete.bind(seq)
      try delete.run()
    }
    if !doomed.isEmpty { try notePruned(before: newest + 1) }
    spend(doomed.count)
    retention.noteDeleted(events: doomed.count, signals: 0)
  }

  /// Deletes ticks and gaps before a time, and marks except the last one before it: reading back begins there.
  private mutating func deleteClock(olderThan cutoff: Int64) throws(JournalError) {
    try delete(
      "DELETE FROM ticks WHERE seq IN (SELECT seq FROM ticks WHERE t < ? ORDER BY t LIMIT ?)", cutoff)
    try delete(
      """
      DELETE FROM gap_events WHERE seq IN (
        SELECT seq FROM gap_events WHERE to_t < ? ORDER BY to_t LIMIT ?)
      """, cutoff)
    try delete(
      """
      DELETE FROM marks WHERE seq IN (
        SELECT seq FROM marks WHERE clock < ?1
        AND seq < (SELECT seq FROM marks WHERE clock < ?1 ORDER BY clock DESC, seq DESC LIMIT 1)
        ORDER BY clock LIMIT ?2)
      """, cutoff)
  }

  /// Counting walks the pages of a table whose rows are a few bytes, so nobody has to keep the count.
  private mutating func deleteClock(_ table: String, keeping maximumRows: Int) throws(JournalError) {
    if budget <= 0 { return }
    let excess = try connection.integer("SELECT count(*) FROM \(table)") - Int64(clamping: maximumRows)
    if excess <= 0 { return }
    let delete = try connection.prepare(
      "DELETE FROM \(table) WHERE seq IN (SELECT seq FROM \(table) ORDER BY seq LIMIT ?)")
    delete.bind(min(excess, Int64(budget)))
    try delete.run()
    spend(connection.changes)
  }

  /// Runs a deletion with one value and the budget.
  private mutating func delete(_ sql: String, _ value: Int64) throws(JournalError) {
    if budget <= 0 { return }
    let delete = try connection.prepare(sql)
    delete.bind(value)
    delete.bind(Int64(budget))
    try delete.run()
    spend(connection.changes)
  }

  /// Ids are given in order and only ever deleted from the front, so they tell the number of rows.
  private mutating func deleteNotices(_ table: String, keeping cap: Int) throws(JournalError) {
    try delete(
      """
      DELETE FROM \(table) WHERE id IN (
        SELECT id FROM \(table) WHERE id <= (SELECT max(id) FROM \(table)) - ? ORDER BY id LIMIT ?)
      """, Int64(cap))
  }

  private mutating func spend(_ count: Int) {
    deleted += count
    budget -= count
  }

  /// A signal that the event `e` triggered.
  private static let holder = "SELECT 1 FROM signals s WHERE s.seq = e.seq AND s.has_order = 1"
}
