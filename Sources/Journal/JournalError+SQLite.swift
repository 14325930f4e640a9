import CSQLite

extension JournalError {
  /// Puts an answer of SQLite into words; `detail` is what SQLite itself says about it.
  init(sqlite extended: Int32, file: String, detail: String) {
    let (code, text) = JournalError.meaning(of: extended & 0xff)
    let said = detail.isEmpty ? "" : " (SQLite: \(detail))"
    self.init(code: code, file: file, message: text + said, sqliteCode: extended)
  }

  private static func meaning(of primary: Int32) -> (Code, String) {
    switch primary {
    case SQLITE_FULL:
      (.diskFull, "the disk is full; free some space and the batch can be written again")
    case SQLITE_READONLY, SQLITE_PERM:
      (.readOnly, "the file may not be written; check the permissions of the file and of its directory")
    case SQLITE_BUSY, SQLITE_LOCKED:
      (.busy, "another program keeps the journal locked; let it finish its transaction, or close it")
    case SQLITE_NOTADB:
      (.notADatabase, "the file is no SQLite database, so no journal; name another file")
    case SQLITE_CORRUPT:
      (.corrupt, "the file is damaged; restore a copy, or save what is left with sqlite3's .recover")
    case SQLITE_CANTOPEN:
      (.cannotOpen, "the file cannot be opened; check the path and the permissions of its directory")
    case SQLITE_IOERR:
      (.inputOutput, "reading or writing failed; check the disk and the system's log")
    case SQLITE_TOOBIG:
      (.tooBig, "a text is longer than a journal stores; shorten it")
    default:
      (.database, "the database refused a statement")
    }
  }
}
