import COrderFlow
import OrderFlow
import Testing

@testable import Journal

@Suite("Journal")
struct JournalTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func counts(_ path: String) throws -> [Int64] {
    let connection = try Connection(try FileClaim(reading: path), flags: 1)
    return try ["events", "signals", "dead_letters", "failures", "gaps", "versions", "rule_state"].map {
      try connection.integer("SELECT count(*) FROM \($0)")
    }
  }

  /// One small recording: every kind of row, in two batches.
  private func record(into path: String) throws -> [Bool] {
    let journal = try Journal(path: path)
    let base = try journal.sequenceBase(firstIdentity: digest(1))
    var added: [Bool] = []
    for place in 1...10 {
      let order = OrderBox(seq: base + Int64(place))
      try journal.append(order, identity: digest(place))
      added.append(try journal.append(signal: signal(base + Int64(place))))
      if place == 5 { try journal.commit() }
    }
    let letter = DeadLetter(source: "a.jsonl", line: 3, offset: 99, reason: "not JSON", text: [123, 0, 255])
    try journal.append(deadLetter: letter)
    let failure = RuleFailure(
      rule: "r", version: "v1", seq: 2, kind: "error", hook: "on_order", message: "r.lua:1: bad", trace: "",
      order: "0x1")
    try journal.append(failure: failure)
    try journal.append(gapOf: "rtds", from: 10, to: 20, backfilled: false)
    try journal.recordVersion(
      VersionRecord(
        version: "v1", firstSeq: 1, createdMilliseconds: 0, outcome: "running", ruleCount: 1))
    try journal.saveState(rule: "r", version: "v1", seq: 10, state: [1, 2], dedup: [])
    try journal.commit()
    try journal.close()
    return added
  }

  @Test("the same recording written twice adds nothing the second time")
  func rerun() throws {
    let path = directory.file()
    #expect(try record(into: path) == Array(repeating: true, count: 10))
    let first = try counts(path)
    #expect(first == [10, 10, 1, 1, 1, 1, 1])
    #expect(try record(into: path) == Array(repeating: false, count: 10))
    #expect(try counts(path) == first)
    let connection = try Connection(try FileClaim(reading: path), flags: 1)
    #expect(try connection.text("PRAGMA integrity_check") == "ok")
    #expect(try connection.integer("SELECT max(n) FROM signals") == 10)
  }

  @Test("a signal with an id that is there already leaves the first one as it was")
  func exactlyOnce() throws {
    let path = directory.file()
    let journal = try Journal(path: path)
    #expect(try journal.append(signal: signal(1)))
    var again = signal(1)
    again.title = "another title"
    #expect(try journal.append(signal: again) == false)
    try journal.commit()
    #expect(try journal.append(signal: again) == false)
    try journal.commit()
    #expect(journal.lastSignalNumber() == 1)
    var titles: [String] = []
    try JournalReader(path: path).signals { titles.append($0.signal.title) }
    #expect(titles == ["signal at 1"])
  }

  @Test("a journal that goes away without commit leaves nothing of the batch")
  func dropped() throws {
    let path = directory.file()
    do {
      let journal = try Journal(path: path)
      try journal.append(signal: signal(1))
      try journal.commit()
      try journal.append(signal: signal(2))
      try journal.setMeta("position", 77)
      #expect(journal.hasUncommitted)
    }
    let journal = try Journal(path: path)
    #expect(journal.lastSignalNumber() == 1)
    #expect(try journal.metaInteger("position") == nil)
    #expect(try counts(path)[1] == 1)
  }

  @Test("rollback takes back rows, counters and positions")
  func rollback() throws {
    let journal = try Journal(path: directory.file())
    try journal.append(OrderBox(seq: 5), identity: digest(5))
    try journal.commit()
    try journal.append(OrderBox(seq: 9), identity: digest(9))
    try journal.append(signal: signal(9))
    try journal.noteSeq(40)
    #expect(journal.lastSeq() == 40)
    try journal.rollback()
    #expect(journal.lastSeq() == 5)
    #expect(journal.lastSignalNumber() == 0)
    #expect(!journal.hasUncommitted)
    #expect(try journal.append(signal: signal(9)))
    #expect(journal.lastSignalNumber() == 1)
  }

  @Test("close leaves one file, and closing twice or using it afterwards is answered politely")
  func close() throws {
    let path = directory.file()
    let journal = try Journal(path: path)
    try journal.append(signal: signal(1))
    try journal.commit()
    #expect(directory.exists("journal.db-wal"))
    try journal.close()
    try journal.close()
    #expect(!directory.exists("journal.db-wal"))
    #expect(!directory.exists("journal.db-shm"))
    #expect { try journal.append(signal: signal(2)) } throws: { ($0 as? JournalError)?.code == .misuse }
    #expect { try journal.commit() } throws: { ($0 as? JournalError)?.code == .misuse }
  }

  @Test("a fold count only rises")
  func foldCount() throws {
    let path = directory.file()
    let journal = try Journal(path: path)
    try journal.append(signal: signal(1))
    for count: Int64 in [2, 7, 3, 0, -1] { try journal.setFoldCount(signal(1).id, count) }
    try journal.setFoldCount(digest(424242), 9)
    try journal.commit()
    var counts: [Int64] = []
    try JournalReader(path: path).signals { counts.append($0.signal.foldCount) }
    #expect(counts == [7])
  }

  @Test("rule state, versions and meta come back as they were written")
  func state() throws {
    let path = directory.file()
    let everyByte = (0...255).map { UInt8($0) }
    do {
      let journal = try Journal(path: path)
      try journal.saveState(rule: "a", version: "v1", seq: 1, state: [9], dedup: [9])
      try journal.saveState(rule: "a", version: "v2", seq: 2, state: everyByte, dedup: [], failures: "f")
      try journal.setMeta("n", Int64.min)
      try journal.setMeta("s", "düsseldorf")
      #expect(try journal.loadState(rule: "a")?.version == "v2")
      try journal.commit()
      try journal.close()
    }
    let journal = try Journal(path: path)
    #expect(
      try journal.loadState(rule: "a")
        == RuleState(version: "v2", seq: 2, state: everyByte, dedup: [], failures: "f"))
    #expect(try journal.loadState(rule: "b") == nil)
    #expect(try journal.metaInteger("n") == .min)
    #expect(try journal.metaText("s") == "düsseldorf")
    #expect(try journal.metaInteger("s") == nil)
    #expect(try journal.metaText("absent") == nil)
  }

  @Test("a gap seen again grows and stays backfilled")
  func gaps() throws {
    let path = directory.file()
    let journal = try Journal(path: path)
    try journal.append(gapOf: "rtds", from: 10, to: 20, backfilled: true)
    try journal.append(gapOf: "rtds", from: 10, to: 15, backfilled: false)
    try journal.append(gapOf: "rtds", from: 10, to: 30, backfilled: false)
    try journal.commit()
    let connection = try Connection(try FileClaim(reading: path), flags: 1)
    #expect(
      try connection.text("SELECT group_concat(from_t || '-' || to_t || '-' || backfilled) FROM gaps")
        == "10-30-1")
  }

  @Test(
    "the pragmas of both durabilities are what they promise",
    arguments: [(Durability.full, 2 as Int64), (.normal, 1)])
  func durability(_ durability: Durability, _ synchronous: Int64) throws {
    let journal = try Journal(path: directory.file(), durability: durability)
    let connection = try journal.usable().connection
    #expect(try connection.integer("PRAGMA synchronous") == synchronous)
    #expect(try connection.text("PRAGMA journal_mode") == "wal")
    #expect(try connection.integer("PRAGMA auto_vacuum") == 2)
  }
}
