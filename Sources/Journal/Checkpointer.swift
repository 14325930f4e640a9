import CSQLite

/// Keeps checkpoints out of the writer's commits: counts how the log grows and asks a thread to copy it.
///
/// While the writer goes on, the thread never reaches the very end of the log, so the log is not begun again
/// and grows. From three quarters of the limit on the thread follows closely, and once it has left little the
/// writer does the rest; at the limit it does what there is.
final class Checkpointer {
  private let thread: CheckpointThread
  private let step: Int
  private let limit: Int
  // Pages in the log when the thread, and when the writer, was last asked.
  private var asked = 0
  private var blocked = 0
  private var isRunning = false

  /// Takes the checkpoints away from the writer; asks for one every `step` pages, waits at `limit` pages.
  init(
    _ writer: Connection, _ durability: Durability, step: Int = 1000, limit: Int? = nil
  ) throws(JournalError) {
    // The claim of a reader: SQLite's connections of one process share their descriptor's locks, and the
    // claim sees to it that no descriptor goes before the last connection.
    let connection = try Connection(try FileClaim(reading: writer.file), flags: SQLITE_OPEN_READWRITE)
    try connection.execute("PRAGMA synchronous = \(durability.pragma); PRAGMA trusted_schema = OFF")
    self.step = step
    let pageSize = try writer.integer("PRAGMA page_size")
    // Below `journal_size_limit`, or the writer would cut the log off each time it begins it again.
    self.limit = limit ?? (60 << 20) / max(Int(pageSize), 512)
    thread = CheckpointThread(connection)
    if !thread.start() {
      throw JournalError(
        code: .cannotOpen, file: writer.file,
        message: "the system has no more threads to give; raise the limit (ulimit -u) or stop a program")
    }
    isRunning = true
    try writer.execute("PRAGMA wal_autocheckpoint = 0")
    writer.countLogPages()
  }

  deinit { stop() }

  /// To be called after every commit of the writer.
  func noteCommit(_ writer: Connection) {
    let pages = writer.logPages
    // Fewer pages than before: the log has begun again.
    if pages < asked {
      asked = 0
      thread.restart()
    }
    if pages < blocked { blocked = 0 }
    let isNearLimit = pages >= limit - limit / 4
    if isNearLimit, pages - blocked >= step, pages >= limit || isLittleLeft(pages) {
      blocked = pages
      asked = pages
      block(writer)
    } else if pages - asked >= (isNearLimit ? max(step / 16, 1) : step) {
      asked = pages
      thread.request()
    }
  }

  /// Whether the thread rests, and what it has not copied yet takes the writer no time to speak of.
  private func isLittleLeft(_ pages: Int) -> Bool {
    guard let copied = thread.progress else { return false }
    return pages - copied <= step / 16
  }

  private func block(_ writer: Connection) {
    // One checkpoint runs at a time. With all of the log copied, the next write begins it again, unless a
    // reader still needs it: for that nobody waits, a long query must not hold up the feed.
    thread.waitUntilIdle()
    do throws(JournalError) {
      _ = try writer.checkpoint(mode: SQLITE_CHECKPOINT_PASSIVE)
      thread.withCounts { $0.blocking += 1 }
    } catch {
      thread.withCounts { $0.note(error) }
    }
  }

  /// What was done so far.
  var counts: CheckpointCounts { thread.withCounts { $0 } }

  /// Waits until the thread has done what it was asked to.
  func waitUntilIdle() { thread.waitUntilIdle() }

  /// Ends the thread and closes its connection; stopping twice is harmless.
  func stop() {
    if isRunning { thread.stop() }
    isRunning = false
  }
}
