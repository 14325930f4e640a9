/// Brings a journal file to the present layout, or says why it is not one.
struct Migrator {
  /// Step k (from 1) brings a file from `user_version` k - 1 to k.
  var steps = Schema.steps

  /// The layout this program writes.
  var version: Int64 { Int64(steps.count) }

  /// Whether an opened file is an empty one, to be made a journal; throws when it cannot become one.
  func inspect(_ connection: Connection) throws(JournalError) -> Bool {
    let mark = try connection.integer("PRAGMA application_id")
    let found = try connection.integer("PRAGMA user_version")
    if mark == 0, found == 0, try connection.integer("SELECT count(*) FROM sqlite_schema") == 0 {
      return true
    }
    if mark != Schema.applicationID {
      throw JournalError(
        code: .notAJournal, file: connection.file,
        message: "the file is a database of some other program, not a BetterBot journal; name another file")
    }
    if found > version {
      throw JournalError(
        code: .newerVersion, file: connection.file,
        message: """
          the journal has layout version \(found), this betterbot knows versions up to \(version); \
          use the betterbot that wrote it or a newer one, or name another file
          """)
    }
    return false
  }

  /// Refuses a file whose layout is not exactly the present one; for those who may not migrate it.
  func requireCurrent(_ connection: Connection) throws(JournalError) {
    if try inspect(connection) {
      throw JournalError(
        code: .notAJournal, file: connection.file,
        message: "the file is empty, not a BetterBot journal; name another file")
    }
    let found = try connection.integer("PRAGMA user_version")
    if found < version {
      throw JournalError(
        code: .olderVersion, file: connection.file,
        message: """
          the journal has layout version \(found), this betterbot reads version \(version); \
          run `betterbot run` or `betterbot replay` with it once to bring it up to date
          """)
    }
  }

  /// Applies the missing steps, each in a transaction of its own with its number.
  func migrate(_ connection: Connection) throws(JournalError) {
    var reached = try connection.integer("PRAGMA user_version")
    while reached < version {
      let step = steps[Int(reached)]
      reached += 1
      try connection.execute("BEGIN IMMEDIATE")
      do throws(JournalError) {
        try connection.execute(step)
        try connection.execute("PRAGMA application_id = \(Schema.applicationID)")
        try connection.execute("PRAGMA user_version = \(reached)")
        try connection.execute("COMMIT")
      } catch {
        // The first failure is the one worth telling; without a rollback the close undoes the step.
        if connection.isInTransaction { try? connection.execute("ROLLBACK") }
        throw error
      }
    }
  }
}
