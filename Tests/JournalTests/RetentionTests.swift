import COrderFlow
import OrderFlow
import Testing

@testable import Journal

@Suite("Retention")
struct RetentionTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// Events 1...count at second `seq`, a signal at every tenth of them.
  private func filled(_ count: Int) throws -> Journal {
    let journal = try Journal(path: directory.file(), durability: .normal)
    for seq in 1...Int64(count) {
      try journal.append(OrderBox(seq: seq, time: seq * 1_000), identity: digest(Int(seq)))
      if seq % 10 == 0 { try journal.append(signal: signal(seq, time: seq * 1_000)) }
    }
    try journal.commit()
    return journal
  }

  private func numbers(_ sql: String, _ journal: Journal) throws -> [Int64] {
    let query = try journal.usable().connection.prepare(sql)
    var numbers: [Int64] = []
    while try query.step() { numbers.append(query.integer(0)) }
    return numbers
  }

  /// Prunes until nothing goes; returns what went at each call.
  private func exhaust(
    _ journal: Journal, olderThan cutoff: Int64?, maximumRows: Int?, step: Int
  ) throws -> [Int] {
    var calls: [Int] = []
    while true {
      let count = try journal.prune(olderThan: cutoff, maximumRows: maximumRows, step: step)
      if count == 0 { return calls }
      calls.append(count)
    }
  }

  @Test("age takes exactly what is older, in small steps")
  func age() throws {
    let journal = try filled(100)
    let calls = try exhaust(journal, olderThan: 51_000, maximumRows: nil, step: 7)
    #expect(calls.reduce(0, +) == 55)
    #expect(calls.allSatisfy { $0 <= 7 })
    #expect(try numbers("SELECT seq FROM events ORDER BY seq", journal) == Array(51...100))
    #expect(try numbers("SELECT seq FROM signals ORDER BY seq", journal) == [60, 70, 80, 90, 100])
    #expect(try journal.usable().connection.text("PRAGMA integrity_check") == "ok")
  }

  @Test("what was deleted is on record, also where events that signals hold are older")
  func prunedBefore() throws {
    let journal = try filled(100)
    let reader = try JournalReader(path: directory.file())
    #expect(try reader.prunedBefore() == nil)
    _ = try exhaust(journal, olderThan: nil, maximumRows: 60, step: 7)
    try journal.commit()
    // Events 10, 20, 30 and 40 are held by their signals.
    let oldest = try #require(try numbers("SELECT min(seq) FROM events", journal).first)
    let pruned = try #require(try reader.prunedBefore())
    #expect(oldest == 10 && pruned > 40_000 && pruned < 61_000)
    _ = try exhaust(journal, olderThan: 71_000, maximumRows: nil, step: 7)
    try journal.commit()
    #expect(try reader.prunedBefore() == 71_000)
  }

  @Test("an event stays as long as a signal that it triggered")
  func pinned() throws {
    let journal = try Journal(path: directory.file())
    for seq: Int64 in 1...4 {
      try journal.append(OrderBox(seq: seq, time: 1_000), identity: digest(Int(seq)))
    }
    try journal.append(signal: signal(2, time: 9_000))
    var timer = signal(3, time: 9_000)
    timer.hasOrder = false
    try journal.append(signal: timer)
    try journal.commit()
    _ = try exhaust(journal, olderThan: 5_000, maximumRows: nil, step: 100)
    #expect(try numbers("SELECT seq FROM events", journal) == [2])
    _ = try exhaust(journal, olderThan: 10_000, maximumRows: nil, step: 100)
    #expect(try numbers("SELECT seq FROM events", journal) == [])
    #expect(try numbers("SELECT n FROM signals", journal) == [])
  }

  @Test("the row cap keeps the newest, and events that signals hold", arguments: [1, 3, 1_000])
  func cap(_ step: Int) throws {
    let journal = try filled(100)
    // Ten signals stay; of the events the newest, plus those the signals hold.
    for _ in 1...200 { _ = try journal.prune(olderThan: nil, maximumRows: 20, step: step) }
    var kept = try numbers("SELECT seq FROM events ORDER BY seq", journal)
    #expect(kept == [10, 20, 30, 40, 50, 60, 70, 80] + Array(89...100))
    #expect(try numbers("SELECT count(*) FROM signals", journal) == [10])
    // Fewer signals stay, so what they held goes, although the cap had passed over it.
    for _ in 1...200 { _ = try journal.prune(olderThan: nil, maximumRows: 5, step: step) }
    kept = try numbers("SELECT seq FROM events ORDER BY seq", journal)
    #expect(try numbers("SELECT seq FROM signals ORDER BY n", journal) == [60, 70, 80, 90, 100])
    #expect(kept == [60, 70, 80, 90, 100])
    for seq: Int64 in 101...110 {
      try journal.append(OrderBox(seq: seq), identity: digest(Int(seq)))
    }
    try journal.commit()
    for _ in 1...200 { _ = try journal.prune(olderThan: nil, maximumRows: 7, step: step) }
    #expect(
      try numbers("SELECT seq FROM events ORDER BY seq", journal)
        == [60, 70, 80, 90, 100, 109, 110])
  }

  @Test("signal numbers go on after everything was deleted")
  func numbersGoOn() throws {
    let journal = try filled(100)
    _ = try exhaust(journal, olderThan: .max, maximumRows: nil, step: 1_000)
    #expect(try numbers("SELECT count(*) FROM signals", journal) == [0])
    try journal.close()
    let again = try Journal(path: directory.file())
    #expect(again.lastSignalNumber() == 10)
    #expect(again.lastSeq() == 100)
    try again.append(signal: signal(500))
    #expect(again.lastSignalNumber() == 11)
  }

  @Test("dead letters and failures are capped too")
  func notices() throws {
    let journal = try Journal(path: directory.file())
    for line: UInt64 in 1...30 {
      try journal.append(
        deadLetter: DeadLetter(source: "s", line: line, offset: 0, reason: "r", text: []))
      try journal.append(
        failure: RuleFailure(
          rule: "r", version: "v", seq: Int64(line), kind: "error", hook: "h", message: "m", trace: "",
          order: ""))
      try journal.append(
        reload: ReloadRecord(
          version: "v", previous: nil, seq: Int64(line), createdMilliseconds: 0, outcome: "started"))
    }
    try journal.commit()
    #expect(try exhaust(journal, olderThan: nil, maximumRows: 10, step: 9).reduce(0, +) == 60)
    #expect(try journal.reloads(newest: 100).map(\.seq) == (21...30).reversed())
    #expect(try numbers("SELECT line FROM dead_letters ORDER BY id", journal) == Array(21...30))
    #expect(try numbers("SELECT seq FROM failures ORDER BY id", journal) == Array(21...30))
  }

  @Test("ticks and marks go by age, but the mark to begin reading at stays")
  func clockByAge() throws {
    let journal = try Journal(path: directory.file())
    for seq: Int64 in 1...40 {
      if seq % 5 == 0 {
        try journal.append(
          gap: seq, GapRecord(source: "a", from: 0, to: seq * 1_000, backfilled: false))
      } else {
        try journal.append(tick: seq, clock: seq * 1_000)
      }
      if seq % 10 == 0 { try journal.append(markAt: seq, clock: seq * 1_000) }
    }
    try journal.commit()
    let calls = try exhaust(journal, olderThan: 25_000, maximumRows: nil, step: 7)
    #expect(calls.reduce(0, +) == 25)
    #expect(calls.allSatisfy { $0 <= 7 })
    #expect(try numbers("SELECT seq FROM ticks ORDER BY seq", journal) == (25...40).filter { $0 % 5 != 0 })
    #expect(try numbers("SELECT seq FROM gap_events ORDER BY seq", journal) == [25, 30, 35, 40])
    #expect(try numbers("SELECT seq FROM marks ORDER BY seq", journal) == [20, 30, 40])
    #expect(try journal.newestMark(atOrBefore: 25_000)?.seq == 20)
    _ = try exhaust(journal, olderThan: .max, maximumRows: nil, step: 7)
    #expect(try numbers("SELECT seq FROM ticks UNION SELECT seq FROM gap_events", journal) == [])
    #expect(try numbers("SELECT seq FROM marks ORDER BY seq", journal) == [40])
    try journal.close()
    #expect(try Journal(path: directory.file()).lastSeq() == 40)
  }

  @Test("ticks and marks go by number of rows", arguments: [1, 1_000])
  func clockByRows(_ step: Int) throws {
    let journal = try Journal(path: directory.file())
    for seq: Int64 in 1...20 {
      try journal.append(tick: seq, clock: seq)
      try journal.append(
        gap: seq + 20, GapRecord(source: "a", from: seq, to: seq, backfilled: false))
      try journal.append(markAt: seq, clock: seq)
    }
    try journal.commit()
    #expect(try exhaust(journal, olderThan: nil, maximumRows: 15, step: step).reduce(0, +) == 15)
    #expect(try numbers("SELECT seq FROM ticks ORDER BY seq", journal) == Array(6...20))
    #expect(try numbers("SELECT seq FROM gap_events ORDER BY seq", journal) == Array(26...40))
    #expect(try numbers("SELECT seq FROM marks ORDER BY seq", journal) == Array(6...20))
    _ = try exhaust(journal, olderThan: nil, maximumRows: 0, step: step)
    #expect(try numbers("SELECT seq FROM ticks", journal) == [])
    #expect(try numbers("SELECT seq FROM marks", journal) == [20])
  }

  @Test("the file shrinks")
  func shrinks() throws {
    let journal = try filled(3_000)
    try journal.close()
    let before = try directory.read("journal.db").count
    let again = try Journal(path: directory.file())
    for _ in 1...50 { _ = try again.prune(olderThan: 2_900_000, maximumRows: nil, step: 200) }
    try again.close()
    #expect(try directory.read("journal.db").count * 4 < before)
    #expect(try Journal(path: directory.file()).usable().connection.text("PRAGMA integrity_check") == "ok")
  }

  @Test("inside a batch it is refused, and odd arguments are harmless")
  func misuse() throws {
    let journal = try filled(20)
    try journal.append(signal: signal(77))
    #expect {
      try journal.prune(olderThan: 1, maximumRows: 1)
    } throws: { ($0 as? JournalError)?.code == .misuse }
    try journal.rollback()
    #expect(try journal.prune(olderThan: .min, maximumRows: .max, step: .min) == 0)
    #expect(try journal.prune(olderThan: nil, maximumRows: nil) == 0)
    for _ in 1...100 { _ = try journal.prune(olderThan: nil, maximumRows: -3, step: 1_000_000) }
    #expect(try numbers("SELECT count(*) FROM events", journal) == [0])
  }
}
