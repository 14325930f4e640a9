import CSQLite

/// The one file in which everything that happened is kept: orders, signals, rule state, dead letters.
///
/// One thread owns a journal. The first write opens a transaction; whatever belongs to a batch is written
/// into it, and `commit` makes all of it true at once. After an error the batch is void: `rollback`, then
/// write the batch again or give up. A journal that goes away without `commit` leaves nothing of the batch.
public final class Journal {
  /// The file as it was named.
  public let path: String

  enum Phase {
    case idle
    case open
    case failed
  }

  /// Numbers that move with the batch and go back with a rollback.
  struct Counters: Equatable {
    /// The highest sequence number given to an event so far.
    var sequence: Int64
    /// The number of the newest signal.
    var signal: Int64
    /// The highest sequence number given to a tick or a gap, `Int64.min` without one.
    var moment: Int64
  }

  private var live: JournalStatements?
  private var phase = Phase.idle
  private var committed: Counters
  var counters: Counters
  var retention = Retention()
  var sources = SourceTable()
  /// The webhooks that work; nil: to be looked up.
  var watchers: [Watcher]?
  /// Whether new signals are to be sent to the webhooks; not when they are those of a recording.
  public var fillsOutbox = true
  private let checkpointer: Checkpointer?

  /// Opens a journal for writing, creating or migrating the file as needed.
  ///
  /// `checkpoints` says who copies committed pages from the write-ahead log into the file.
  /// - Throws: `JournalError` when the file is in use by another engine, no journal, newer than this
  ///   program, damaged, or not writable.
  public convenience init(
    path: String, durability: Durability = .full, checkpoints: Checkpoints = .inline
  ) throws(JournalError) {
    try self.init(path: path, durability: durability, checkpoints: checkpoints, migrator: Migrator())
  }

  init(
    path: String, durability: Durability, checkpoints: Checkpoints = .inline, migrator: Migrator
  ) throws(JournalError) {
    let claim = try FileClaim(writing: path)
    let connection = try Connection(claim, flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)
    if try migrator.inspect(connection) {
      // Only an empty file can take this; it lets the file shrink after retention.
      try connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    }
    try Journal.configure(connection, durability)
    try migrator.migrate(connection)
    let statements = try JournalStatements(connection)
    let moment = max(
      try connection.integer("SELECT coalesce(max(seq), \(Int64.min)) FROM ticks"),
      try connection.integer("SELECT coalesce(max(seq), \(Int64.min)) FROM gap_events"))
    let stored = Counters(
      sequence: max(
        try Journal.integer("last_seq", statements) ?? 0, moment,
        try connection.integer("SELECT max(seq) FROM events")),
      signal: max(
        try Journal.integer("last_signal", statements) ?? 0,
        try connection.integer("SELECT max(n) FROM signals")),
      moment: moment)
    checkpointer = checkpoints == .background ? try Checkpointer(connection, durability) : nil
    self.path = path
    live = statements
    committed = stored
    counters = stored
  }

  private static func configure(_ connection: Connection, _ durability: Durability) throws(JournalError) {
    let mode = try connection.text("PRAGMA journal_mode = WAL")
    if mode != "wal" {
      throw JournalError(
        code: .cannotOpen, file: connection.file,
        message: "this file system has no write-ahead log for SQLite; put the journal on a local disk")
    }
    try connection.execute(
      """
      PRAGMA synchronous = \(durability.pragma);
      PRAGMA cache_size = -16384;
      PRAGMA wal_autocheckpoint = 4000;
      PRAGMA journal_size_limit = 67108864;
      PRAGMA secure_delete = FAST;
      PRAGMA trusted_schema = OFF;
      """)
  }

  // MARK: Batches

  /// Makes everything written since the last commit true, all of it or nothing.
  ///
  /// With `Durability.full` it returns when the disk has it. Does nothing without a write.
  public func commit() throws(JournalError) {
    let statements = try usable()
    if phase == .idle { return }
    if counters.sequence != committed.sequence {
      try setInteger("last_seq", counters.sequence, statements)
    }
    if counters.signal != committed.signal {
      try setInteger("last_signal", counters.signal, statements)
    }
    try storeSources(statements)
    try perform(statements.commit)
    committed = counters
    sources.noteCommitted()
    phase = .idle
    checkpointer?.noteCommit(statements.connection)
  }

  /// Drops everything written since the last commit, and ends the void after an error.
  public func rollback() throws(JournalError) {
    guard let statements = live else { throw closed() }
    if phase == .idle { return }
    // Some errors (a full disk) make SQLite roll back by itself.
    if statements.connection.isInTransaction { try statements.rollback.run() }
    counters = committed
    sources.noteRolledBack()
    retention.forgetCounts()
    watchers = nil
    phase = .idle
  }

  /// Closes the file and leaves no write-ahead log beside it, unless a reader still needs one.
  ///
  /// What was not committed is dropped. Closing twice is harmless.
  public func close() throws(JournalError) {
    guard live != nil else { return }
    defer { live = nil }
    try rollback()
    checkpointer?.stop()
    guard let connection = live?.connection else { return }
    // A reader in the middle of a long query must not hold up the end of the program.
    connection.setBusyTimeout(milliseconds: 200)
    _ = try connection.checkpoint()
  }

  /// What the background checkpoints did, nil with `Checkpoints.inline`.
  public var checkpointCounts: CheckpointCounts? { checkpointer?.counts }

  /// Whether something has been written that is not committed yet.
  public var hasUncommitted: Bool { phase != .idle }

  /// The statements, inside a transaction that the first write of a batch opens.
  func writing() throws(JournalError) -> JournalStatements {
    let statements = try usable()
    if phase == .idle {
      try statements.begin.run()
      phase = .open
    }
    return statements
  }

  /// The statements, for reading what was written, committed or not.
  func usable() throws(JournalError) -> JournalStatements {
    guard let live else { throw closed() }
    if phase == .failed {
      throw JournalError(
        code: .batchFailed, file: path,
        message: "an earlier write of this batch failed; roll back, then write the batch again")
    }
    return live
  }

  /// Runs a statement of the batch; a failure makes the batch void, so that no half of it is committed.
  @inline(__always)
  func perform(_ statement: Statement) throws(JournalError) {
    do {
      try statement.run()
    } catch {
      phase = .failed
      throw error
    }
  }

  /// Makes the batch void because of an error that is not SQLite's.
  func void(_ error: JournalError) -> JournalError {
    phase = .failed
    return error
  }

  private func closed() -> JournalError {
    JournalError(code: .misuse, file: path, message: "the journal has been closed; open it again")
  }
}
