extension Journal {
  /// Dead letters, failures and reloads kept when no smaller cap is asked for.
  public static let noticeCap = 100_000

  /// Deletes at most `step` old rows in one small transaction, and returns how many; repeat until it is 0.
  ///
  /// Signals go when they are older than `cutoff` (ms since 1970 UTC) or not among the newest
  /// `maximumRows`. So do events, except those that triggered a signal that stays, and ticks, gaps
  /// and marks, except the last mark before `cutoff`. Dead letters, failures and reloads have no event time: the newest `maximumRows` of each stay, 100,000 at most. Freed pages
  /// go back to the file system bit by bit. The first step on a file builds the indexes it needs, about
  /// a second for a million rows: take it at the start of a run.
  /// - Throws: `JournalError` with `misuse` inside a batch: commit first.
  public func prune(
    olderThan cutoff: Int64?, maximumRows: Int?, step: Int = 1000
  ) throws(JournalError) -> Int {
    if hasUncommitted {
      throw JournalError(
        code: .misuse, file: path, message: "retention runs between batches; commit or roll back first")
    }
    let statements = try writing()
    var sweep = RetentionSweep(
      connection: statements.connection, retention: retention, budget: max(step, 1))
    do throws(JournalError) {
      try sweep.run(cutoff: cutoff, maximumRows: maximumRows.map { max($0, 0) })
      try commit()
    } catch let failure {
      do throws(JournalError) { try rollback() } catch { throw void(failure) }
      throw failure
    }
    retention = sweep.retention
    try Journal.shrink(statements.connection)
    return sweep.deleted
  }

  /// Gives some free pages back once an eighth of the file is free; fewer are left for new rows to fill.
  private static func shrink(_ connection: Connection) throws(JournalError) {
    let free = try connection.integer("PRAGMA freelist_count")
    if free > 16, free > (try connection.integer("PRAGMA page_count")) / 8 {
      try connection.execute("PRAGMA incremental_vacuum(256)")
    }
  }
}
