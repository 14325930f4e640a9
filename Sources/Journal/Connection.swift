import CSQLite

/// One open SQLite connection, used by one thread.
///
/// Statements keep it alive, and it keeps its claim on the file: so the order in which SQLite closes and
/// the claim's descriptor closes is always the right one.
final class Connection {
  /// The file as the user named it, for messages.
  let file: String
  private let handle: OpaquePointer
  private let claim: FileClaim
  /// Pages in the write-ahead log as of the last commit; stays 0 before `countLogPages`.
  private(set) var logPages = 0
  /// Pages of the log that the last checkpoint of this connection found, or put, in the file.
  private(set) var copiedPages = 0

  /// Opens the claimed file; `SQLITE_OPEN_NOMUTEX` because one thread owns the connection.
  init(_ claim: FileClaim, flags: Int32) throws(JournalError) {
    var opened: OpaquePointer?
    let code = sqlite3_open_v2(
      claim.location, &opened, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
    guard code == SQLITE_OK, let opened else {
      let detail = opened.map { String(cString: sqlite3_errmsg($0)) } ?? ""
      sqlite3_close_v2(opened)
      throw JournalError(sqlite: code, file: claim.file, detail: detail)
    }
    file = claim.file
    handle = opened
    self.claim = claim
    sqlite3_busy_timeout(opened, 5_000)
  }

  deinit {
    // Every statement holds the connection, so none is left and this really closes.
    sqlite3_close_v2(handle)
  }

  /// Runs one or more statements without parameters, ignoring their rows.
  func execute(_ sql: String) throws(JournalError) {
    let code = sqlite3_exec(handle, sql, nil, nil, nil)
    if code != SQLITE_OK { throw failure(code) }
  }

  /// Prepares one statement for repeated use.
  func prepare(_ sql: String) throws(JournalError) -> Statement {
    var prepared: OpaquePointer?
    let code = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
    guard code == SQLITE_OK, let prepared else { throw failure(code) }
    return Statement(self, handle: prepared)
  }

  /// The first column of the first row, 0 when there is none.
  func integer(_ sql: String) throws(JournalError) -> Int64 {
    let statement = try prepare(sql)
    return try statement.step() ? statement.integer(0) : 0
  }

  /// The first column of the first row as text.
  func text(_ sql: String) throws(JournalError) -> String? {
    let statement = try prepare(sql)
    return try statement.step() ? statement.text(0) : nil
  }

  /// How many rows the last INSERT, UPDATE or DELETE changed.
  var changes: Int { Int(sqlite3_changes(handle)) }

  /// Whether a transaction is open; SQLite ends one by itself after some errors.
  var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

  /// Copies the write-ahead log into the file and empties it; false when a reader still needs it.
  ///
  /// `mode` is one of SQLite's: `PASSIVE` copies what it can, waits for nobody and empties nothing.
  func checkpoint(mode: Int32 = SQLITE_CHECKPOINT_TRUNCATE) throws(JournalError) -> Bool {
    var copied: Int32 = 0
    let code = sqlite3_wal_checkpoint_v2(handle, nil, mode, nil, &copied)
    switch code & 0xff {
    case SQLITE_OK:
      copiedPages = max(Int(copied), 0)
      return true
    case SQLITE_BUSY, SQLITE_LOCKED: return false
    default: throw failure(code)
    }
  }

  /// Waits until the disk has what checkpoints have copied.
  ///
  /// SQLite itself does that only in the checkpoint that reaches the end of the log, for all of them at once.
  func syncFile() throws(JournalError) {
    var file: UnsafeMutablePointer<sqlite3_file>?
    let code = sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, &file)
    guard code == SQLITE_OK, let sync = file?.pointee.pMethods?.pointee.xSync else { return }
    let result = sync(file, SQLITE_SYNC_NORMAL)
    if result != SQLITE_OK { throw failure(result, detail: String(cString: sqlite3_errstr(result))) }
  }

  /// Lets nobody checkpoint by the way of a commit any more, and keeps `logPages` instead.
  func countLogPages() {
    // SQLite has one hook, and its automatic checkpoints are it. The connection outlives its handle.
    _ = sqlite3_wal_hook(
      handle,
      { context, _, _, pages in
        if let context {
          Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue().logPages = Int(pages)
        }
        return SQLITE_OK
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  /// How long a statement waits for another connection's lock.
  func setBusyTimeout(milliseconds: Int32) {
    sqlite3_busy_timeout(handle, milliseconds)
  }

  /// Puts a result code into words, with SQLite's own message unless `detail` replaces it.
  func failure(_ code: Int32, detail: String? = nil) -> JournalError {
    JournalError(sqlite: code, file: file, detail: detail ?? String(cString: sqlite3_errmsg(handle)))
  }
}
