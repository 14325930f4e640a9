import CSQLite

/// Reads a journal, whether or not an engine is writing it; changes no row and keeps no engine waiting.
public final class JournalReader {
  /// The file as it was named.
  public let path: String
  private let connection: Connection

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
      SELECT \(SignalRows.selection), \(StoredSignal.ownColumns)
      \(SignalRows.source) \(filter.condition) ORDER BY s.n
      """)
    filter.bind(to: query)
    while try query.step() { try body(try StoredSignal(query)) }
  }
}
