import CSQLite
public import OrderFlow

/// Reads a journal, whether or not an engine is writing it; changes no row and keeps no engine waiting.
public final class JournalReader {
  /// The file as it was named.
  public let path: String
  let connection: Connection
  private var statements: [String: Statement] = [:]

  /// Opens an existing journal for reading.
  ///
  /// - Throws: `JournalError` when there is no such file, or it is not a journal of this layout version.
  public init(path: String) throws(JournalError) {
    let claim = try FileClaim(reading: path)
    // A read-only connection that is the last to go leaves an empty write-ahead log behind. This one may
    // clean up, and SQLite falls back to read-only where the file may not be written.
    connection = try Connection(claim, flags: SQLITE_OPEN_READWRITE)
    try connection.execute("PRAGMA query_only = ON; PRAGMA trusted_schema = OFF")
    try Migrator().requireCurrent(connection)
    self.path = path
  }

  /// Hands over the signals that pass, oldest first, one at a time; only one is in memory.
  ///
  /// All of them belong to one moment of the journal, however long the reading takes.
  public func signals(
    _ filter: SignalFilter = SignalFilter(), _ body: (StoredSignal) throws -> Void
  ) throws {
    let query = try connection.prepare(
      """
      SELECT \(SignalRows.selection(SignalRows.columns)), \(StoredSignal.ownColumns)
      \(SignalRows.source) \(filter.condition) ORDER BY s.n
      """)
    filter.bind(to: query)
    while try query.step() { try body(try StoredSignal(query)) }
  }

  /// Hands over the orders numbered in a range, in order, one at a time.
  ///
  /// An order and its texts are valid inside the body. Its `source` is 0, as numbers of feeds belong to a
  /// run; its `clock` and symbols are not set. All orders belong to one moment of the journal.
  public func orders(
    in range: ClosedRange<Int64> = 0...Int64.max, _ body: (UnsafeMutablePointer<Order>) throws -> Void
  ) throws {
    try readBack(in: range, batch: 1024) { batch in
      guard case .orders(let orders) = batch, let first = orders.baseAddress else { return }
      for place in 0..<orders.count { try body(first + place) }
    }
  }

  /// Hands over the orders, ticks and gaps numbered in a range, as `Journal.readBack` does.
  public func readBack(
    in range: ClosedRange<Int64> = 0...Int64.max, batch capacity: Int,
    _ body: (StoredBatch) throws -> Void
  ) throws {
    // One transaction, or orders might be newer than the ticks among them; a reading inside another one's
    // body belongs to the moment of that one.
    try atOneMoment { _ in
      try ReadBack(connection, SourceTable(), in: range, capacity: capacity).run(body)
    }
  }

  /// Runs `body` with a reader that sees the journal as it is at one moment.
  public func atOneMoment<Result>(_ body: (JournalReader) throws -> Result) throws -> Result {
    let isOutermost = !connection.isInTransaction
    if isOutermost { try connection.execute("BEGIN") }
    defer { if isOutermost, connection.isInTransaction { try? connection.execute("COMMIT") } }
    return try body(self)
  }

  /// A statement that is asked for again and again; the caller resets it when done.
  func cached(_ sql: String) throws(JournalError) -> Statement {
    if let known = statements[sql] { return known }
    let statement = try connection.prepare(sql)
    // Filters can be combined in a few hundred ways, each of which is worth keeping only for a while.
    if statements.count >= 64 { statements.removeAll() }
    statements[sql] = statement
    return statement
  }

  /// How many stretches of live feeds were lost, and how many of them have not been read since.
  public func gapCounts() throws(JournalError) -> (all: Int, open: Int) {
    let query = try connection.prepare("SELECT count(*), coalesce(sum(backfilled = 0), 0) FROM gaps")
    return try query.step() ? (Int(query.integer(0)), Int(query.integer(1))) : (0, 0)
  }
}
