import Glibc
import OrderFlow
import Testing

@testable import Journal

@Suite("Background checkpoints")
struct CheckpointerTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func size(_ name: String) -> Int {
    var information = stat()
    return stat(directory.file(name), &information) == 0 ? Int(information.st_size) : 0
  }

  /// A writer with a table, and a checkpointer with small numbers.
  private func writer(step: Int, limit: Int) throws -> (Connection, Checkpointer) {
    let connection = try Connection(try FileClaim(writing: directory.file()), flags: 6)
    try connection.execute("PRAGMA journal_mode = WAL; CREATE TABLE t (x BLOB)")
    return (connection, try Checkpointer(connection, .normal, step: step, limit: limit))
  }

  private func fill(_ connection: Connection, _ checkpointer: Checkpointer, commits: Int) throws {
    for _ in 1...commits {
      try connection.execute("INSERT INTO t VALUES (randomblob(4000))")
      checkpointer.noteCommit(connection)
    }
  }

  @Test("what is committed moves into the file without the writer")
  func moves() throws {
    let (connection, checkpointer) = try writer(step: 10, limit: .max)
    let before = size("journal.db")
    try fill(connection, checkpointer, commits: 40)
    checkpointer.waitUntilIdle()
    #expect(checkpointer.counts.finished >= 1)
    #expect(checkpointer.counts.failed == 0)
    #expect(checkpointer.counts.blocking == 0)
    #expect(size("journal.db") > before)
    checkpointer.stop()
    checkpointer.stop()
    #expect(try connection.integer("SELECT count(*) FROM t") == 40)
  }

  @Test("below the step nobody checkpoints, not even the writer")
  func below() throws {
    let (connection, checkpointer) = try writer(step: 10_000, limit: .max)
    let before = size("journal.db")
    try fill(connection, checkpointer, commits: 1_500)
    checkpointer.waitUntilIdle()
    #expect(checkpointer.counts == CheckpointCounts())
    #expect(size("journal.db") == before)
    #expect(connection.logPages > 1_500)
  }

  @Test("a log that the thread cannot keep short is begun again by the writer")
  func blocking() throws {
    let (connection, checkpointer) = try writer(step: 20, limit: 100)
    try fill(connection, checkpointer, commits: 400)
    checkpointer.waitUntilIdle()
    #expect(connection.logPages <= 130)
    #expect(checkpointer.counts.failed == 0)
    #expect(size("journal.db-wal") < 200 * 4_200)
    checkpointer.stop()
    #expect(try connection.text("PRAGMA integrity_check") == "ok")
  }

  @Test("a reader that stays does not stop the writer, and the log is short again after it")
  func slowReader() throws {
    let (connection, checkpointer) = try writer(step: 20, limit: 100)
    try fill(connection, checkpointer, commits: 10)
    let reader = try Connection(try FileClaim(reading: directory.file()), flags: 2)
    let query = try reader.prepare("SELECT count(*), x FROM t")
    #expect(try query.step())
    #expect(query.integer(0) == 10)
    try fill(connection, checkpointer, commits: 150)
    #expect(connection.logPages > 150)
    query.reset()
    try fill(connection, checkpointer, commits: 150)
    #expect(connection.logPages <= 130)
    #expect(checkpointer.counts.failed == 0)
    #expect(try reader.integer("SELECT count(*) FROM t") == 310)
  }

  @Test("a journal with a thread reads and writes like one without, and leaves no log when closed")
  func journal() throws {
    let path = directory.file()
    let journal = try Journal(path: path, durability: .normal, checkpoints: .background)
    #expect(journal.checkpointCounts == CheckpointCounts())
    let reader = try JournalReader(path: path)
    var seq: Int64 = 0
    for _ in 1...30 {
      for _ in 1...200 {
        seq += 1
        try journal.append(OrderBox(seq: seq), identity: digest(Int(seq)))
      }
      try journal.append(signal: signal(seq))
      try journal.commit()
      var count: Int64 = 0
      try reader.orders { _ in count += 1 }
      #expect(count == seq)
    }
    #expect(journal.checkpointCounts?.failed == 0)
    #expect(journal.checkpointCounts?.lastError == nil)
    #expect(throws: JournalError.self) { try Journal(path: path) }
    try journal.close()
    #expect(size("journal.db-wal") == 0)
    #expect(try Journal(path: path).lastSeq() == seq)
    #expect(try Journal(path: directory.file("other.db")).checkpointCounts == nil)
  }

  @Test("a journal that goes away without close ends its thread and keeps what was committed")
  func abandoned() throws {
    let path = directory.file()
    do {
      let journal = try Journal(path: path, checkpoints: .background)
      try journal.append(OrderBox(seq: 1), identity: digest(1))
      try journal.commit()
      try journal.append(OrderBox(seq: 2), identity: digest(2))
    }
    let again = try Journal(path: path, checkpoints: .background)
    #expect(again.lastSeq() == 1)
    #expect(try again.contains(identity: digest(1)))
  }

  @Test("a checkpoint that fails is counted and its error kept, and the thread goes on")
  func failing() throws {
    let (connection, checkpointer) = try writer(step: 10, limit: .max)
    for failures in 1...2 {
      for _ in 1...20 { try connection.execute("INSERT INTO t VALUES (randomblob(4000))") }
      // Somebody cuts the log off: the thread cannot read what it has to copy.
      #expect(truncate(directory.file("journal.db-wal"), 0) == 0)
      checkpointer.noteCommit(connection)
      checkpointer.waitUntilIdle()
      #expect(checkpointer.counts.failed == failures)
      #expect(checkpointer.counts.lastError?.code == .inputOutput)
    }
    #expect(checkpointer.counts.finished == 0)
  }

  @Test(
    "an outside reader does not lose the log under a checkpointer that comes and goes",
    .enabled(if: Shell.has("sqlite3"), "skipped: the command sqlite3 is not installed"))
  func locks() throws {
    let path = directory.file()
    let (connection, checkpointer) = try writer(step: 1, limit: .max)
    try fill(connection, checkpointer, commits: 3)
    checkpointer.stop()
    for commits in 4...8 {
      try connection.execute("INSERT INTO t VALUES (1)")
      #expect(try Shell.output("sqlite3 '\(path)' 'SELECT count(*) FROM t'") == "\(commits)\n")
      #expect(directory.exists("journal.db-wal"))
    }
  }
}
