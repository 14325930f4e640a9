import OrderFlow
import Testing

@testable import Journal

@Suite("Ticks and marks")
struct TicksTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  @Test("ticks take numbers from the same sequence as orders, also over a restart")
  func numbers() throws {
    let path = directory.file()
    do {
      let journal = try Journal(path: path)
      try journal.append(OrderBox(seq: 1), identity: digest(1))
      try journal.append(tick: 2, clock: 2_000)
      #expect(journal.lastSeq() == 2)
      try journal.commit()
      try journal.append(tick: 3, clock: 3_000)
      try journal.rollback()
      #expect(journal.lastSeq() == 2)
      try journal.close()
    }
    let journal = try Journal(path: path)
    #expect(journal.lastSeq() == 2)
    try journal.append(tick: 2, clock: 2_000)
    try journal.append(OrderBox(seq: 1), identity: digest(1))
    try journal.commit()
    #expect(try journal.usable().connection.integer("SELECT count(*) FROM ticks") == 1)
  }

  @Test("a gap takes its number from the same sequence, also over a restart")
  func gapNumbers() throws {
    let path = directory.file()
    let gap = GapRecord(source: "a", from: 1, to: 2, backfilled: true)
    do {
      let journal = try Journal(path: path)
      try journal.append(gap: 7, gap)
      #expect(journal.lastSeq() == 7)
      try journal.commit()
      try journal.append(gap: 8, gap)
      try journal.rollback()
      #expect(journal.lastSeq() == 7)
      try journal.close()
    }
    let journal = try Journal(path: path)
    #expect(journal.lastSeq() == 7)
    #expect {
      try journal.append(OrderBox(seq: 7), identity: digest(1))
    } throws: { ($0 as? JournalError)?.code == .sequenceClash }
  }

  @Test("one number never belongs to two")
  func clashes() throws {
    let journal = try Journal(path: directory.file())
    try journal.append(OrderBox(seq: 1), identity: digest(1))
    try journal.append(tick: 2, clock: 2_000)
    let gap = GapRecord(source: "a", from: 1, to: 2, backfilled: false)
    try journal.append(gap: 3, gap)
    try journal.append(gap: 3, gap)
    try journal.commit()
    let attempts: [() throws -> Void] = [
      { try journal.append(tick: 1, clock: 1_000) },
      { try journal.append(tick: 2, clock: 2_001) },
      { try journal.append(OrderBox(seq: 2), identity: digest(2)) },
      { try journal.append(OrderBox(seq: 3), identity: digest(2)) },
      { try journal.append(tick: 3, clock: 2_000) },
      { try journal.append(gap: 1, gap) },
      { try journal.append(gap: 2, gap) },
      { try journal.append(gap: 3, GapRecord(source: "b", from: 1, to: 2, backfilled: false)) },
    ]
    for attempt in attempts {
      #expect {
        try attempt()
      } throws: { ($0 as? JournalError)?.code == .sequenceClash }
      #expect(throws: JournalError.self) { try journal.commit() }
      try journal.rollback()
    }
    try journal.append(OrderBox(seq: 4), identity: digest(3))
    try journal.commit()
  }

  @Test("a mark tells the clock as of a number")
  func marks() throws {
    let journal = try Journal(path: directory.file())
    #expect(try journal.newestMark() == nil)
    #expect(try journal.newestMark(atOrBefore: .max) == nil)
    for (seq, clock): (Int64, Int64) in [(10, 1_000), (20, 2_000), (30, 2_000), (40, 3_000), (40, 3_500)] {
      try journal.append(markAt: seq, clock: clock)
    }
    try journal.commit()
    #expect(try journal.newestMark() ?? (0, 0) == (40, 3_500))
    #expect(try journal.newestMark(atOrBefore: 999) == nil)
    #expect(try journal.newestMark(atOrBefore: 1_000) ?? (0, 0) == (10, 1_000))
    #expect(try journal.newestMark(atOrBefore: 3_499) ?? (0, 0) == (30, 2_000))
    #expect(try journal.newestMark(atOrBefore: .max) ?? (0, 0) == (40, 3_500))
  }
}
