import COrderFlow
import OrderFlow
import Testing

@testable import Journal

@Suite("Crashes, torn logs and full disks")
struct CrashTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func writeBatch(_ batch: Int, of size: Int, to journal: Journal) throws {
    for place in 0..<size {
      let seq = Int64(batch * size + place + 1)
      try journal.append(OrderBox(seq: seq), identity: digest(Int(seq)))
      try journal.append(signal: signal(seq))
    }
    try journal.setMeta("position", Int64((batch + 1) * size))
    try journal.saveState(
      rule: "sweep", version: "v1", seq: Int64((batch + 1) * size), state: [UInt8(batch)], dedup: [])
  }

  /// Everything of a batch is there or nothing, and the position agrees; returns the number of batches.
  private func wholeBatches(_ name: String, of size: Int) throws -> Int {
    let journal = try Journal(path: directory.file(name))
    let connection = try journal.usable().connection
    #expect(try connection.text("PRAGMA integrity_check") == "ok")
    let events = try connection.integer("SELECT count(*) FROM events")
    #expect(try connection.integer("SELECT count(*) FROM signals") == events)
    #expect(events % Int64(size) == 0)
    #expect(try journal.metaInteger("position") ?? 0 == events)
    #expect(journal.lastSeq() == events)
    #expect(try journal.loadState(rule: "sweep")?.seq ?? 0 == events)
    return Int(events) / size
  }

  @Test("whatever is left of the log after a power cut, every batch is there whole or not at all")
  func tornLog() throws {
    let path = directory.file()
    let journal = try Journal(path: path)
    var lengths: [Int] = []
    for batch in 0..<6 {
      try writeBatch(batch, of: 20, to: journal)
      try journal.commit()
      lengths.append(try Shell.size(path + "-wal"))
    }
    // A copy is what a crash leaves; one batch is under way and has spilled nothing or something.
    try writeBatch(6, of: 20, to: journal)
    try Shell.run("cd '\(directory.path)' && cp journal.db base.db && cp journal.db-wal base.wal")
    let log = try directory.read("base.wal")
    let base = try directory.read("base.db")
    var cuts = Array(stride(from: 0, through: log.count, by: max(1, log.count / 60)))
    cuts += lengths.flatMap { [$0 - 1, $0, $0 + 1] }.filter { $0 <= log.count }
    for cut in cuts {
      try directory.write(base, to: "cut.db")
      try directory.write(Array(log[..<cut]), to: "cut.db-wal")
      let whole = try wholeBatches("cut.db", of: 20)
      #expect(whole >= lengths.count { $0 <= cut } - 1)
      try Shell.run("rm -f '\(directory.path)'/cut.db*")
    }
  }

  @Test("a process killed in the middle of a batch leaves the batches before it, and no lock")
  func copyWhileWriting() throws {
    let journal = try Journal(path: directory.file(), durability: .normal)
    try writeBatch(0, of: 3_000, to: journal)
    try journal.commit()
    // More than the page cache holds, so that uncommitted pages are in the log already.
    try journal.usable().connection.execute("PRAGMA cache_size = 20")
    try writeBatch(1, of: 3_000, to: journal)
    try Shell.run("cd '\(directory.path)' && cp journal.db copy.db && cp journal.db-wal copy.db-wal")
    #expect(try Shell.size(directory.file("copy.db-wal")) > 100_000)
    #expect(try wholeBatches("copy.db", of: 3_000) == 1)
    try journal.commit()
    try journal.close()
    #expect(try wholeBatches("journal.db", of: 3_000) == 2)
  }

  /// Lets the file grow by so many pages before SQLite answers as it does on a full disk.
  private func limitPages(of journal: Journal, toFree count: Int64) throws {
    let connection = try journal.usable().connection
    let pages = try connection.integer("PRAGMA page_count")
    try connection.execute("PRAGMA max_page_count = \(pages + count)")
  }

  @Test("a full disk is an error with a way out, and the batch written again loses nothing")
  func diskFull() throws {
    let journal = try Journal(path: directory.file())
    try writeBatch(0, of: 50, to: journal)
    try journal.commit()
    try limitPages(of: journal, toFree: 4)
    let error = #expect(throws: JournalError.self) {
      try writeBatch(1, of: 50, to: journal)
      try journal.commit()
    }
    #expect(error?.code == .diskFull)
    #expect(error?.message.contains("free some space") == true)
    // Half a batch can never be committed.
    #expect { try journal.append(signal: signal(9_999)) } throws: {
      ($0 as? JournalError)?.code == .batchFailed
    }
    #expect { try journal.commit() } throws: { ($0 as? JournalError)?.code == .batchFailed }
    try journal.rollback()
    #expect(journal.lastSeq() == 50)
    try limitPages(of: journal, toFree: 1_000_000)
    try writeBatch(1, of: 50, to: journal)
    try journal.commit()
    try journal.close()
    #expect(try wholeBatches("journal.db", of: 50) == 2)
  }

  @Test("a program that keeps the write lock is reported, and nothing is lost")
  func busy() throws {
    let journal = try Journal(path: directory.file())
    try journal.usable().connection.setBusyTimeout(milliseconds: 10)
    let other = try Connection(try FileClaim(reading: directory.file()), flags: 2)
    try other.execute("BEGIN IMMEDIATE")
    let error = #expect(throws: JournalError.self) { try journal.append(signal: signal(1)) }
    #expect(error?.code == .busy)
    try other.execute("ROLLBACK")
    #expect(try journal.append(signal: signal(1)))
    try journal.commit()
    #expect(journal.lastSignalNumber() == 1)
  }

  @Test("texts of any bytes and any size are stored and read without a crash")
  func hostileTexts() throws {
    let path = directory.file()
    let journal = try Journal(path: path)
    let texts: [[UInt8]] = [
      [0], [0xff], [0xc3], [0xed, 0xa0, 0x80], Array("a\0b".utf8), Array("'; DROP TABLE events; --".utf8),
      [UInt8](repeating: 0x80, count: 100_000), Array("\u{1F4A9}".utf8),
    ]
    for (place, bytes) in texts.enumerated() {
      let seq = Int64(place + 1)
      let order = OrderBox(seq: seq, [:])
      for field in TextField.allCases { order.set(field, bytes) }
      try journal.append(order, identity: digest(place))
      let text = String(decoding: bytes, as: UTF8.self)
      var fired = signal(seq, rule: text)
      fired.title = text
      fired.data = text
      fired.confidence = .nan
      try journal.append(signal: fired)
      try journal.append(
        deadLetter: DeadLetter(source: text, line: UInt64(place), offset: .max, reason: text, text: bytes))
      try journal.setMeta(text, text)
    }
    try journal.commit()
    var read: [StoredSignal] = []
    try JournalReader(path: path).signals { read.append($0) }
    #expect(read.map(\.signal.title) == texts.map { String(decoding: $0, as: UTF8.self) })
    #expect(read.allSatisfy { $0.signal.confidence == nil })
    #expect(read.map { $0.fields[10] } == texts.map { String(decoding: $0, as: UTF8.self) })
    let connection = try journal.usable().connection
    #expect(try connection.integer("SELECT count(*) FROM dead_letters") == Int64(texts.count))
    #expect(try connection.text("PRAGMA integrity_check") == "ok")
  }
}

extension Shell {
  static func size(_ path: String) throws -> Int {
    let text = try output("stat -c %s '\(path)'")
    guard let size = Int(text.dropLast()) else { throw Failure(reason: "no size: \(text)") }
    return size
  }
}
