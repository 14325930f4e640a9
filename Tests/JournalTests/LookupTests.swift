import OrderFlow
import Testing

@testable import Journal

@Suite("Looking things up")
struct LookupTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  @Test("an identity is found inside its batch and after it, not after a rollback")
  func contains() throws {
    let journal = try Journal(path: directory.file())
    #expect(try journal.contains(identity: digest(1)) == false)
    try journal.append(OrderBox(seq: 1), identity: digest(1))
    #expect(try journal.contains(identity: digest(1)))
    try journal.commit()
    #expect(try journal.contains(identity: digest(1)))
    #expect(!journal.hasUncommitted)
    try journal.append(OrderBox(seq: 2), identity: digest(2))
    try journal.rollback()
    #expect(try journal.contains(identity: digest(2)) == false)
  }

  @Test("gaps of one feed are open until they are read")
  func gaps() throws {
    let path = directory.file()
    let journal = try Journal(path: path)
    try journal.append(gapOf: "a", from: 300, to: 400, backfilled: false)
    try journal.append(gapOf: "a", from: 100, to: 200, backfilled: false)
    try journal.append(gapOf: "a", from: 10, to: 20, backfilled: true)
    try journal.append(gapOf: "b", from: 100, to: 200, backfilled: false)
    try journal.commit()
    let open = [
      GapRecord(source: "a", from: 100, to: 200, backfilled: false),
      GapRecord(source: "a", from: 300, to: 400, backfilled: false),
    ]
    #expect(try journal.openGaps(source: "a") == open)
    try journal.markBackfilled(source: "a", until: 199)
    #expect(try journal.openGaps(source: "a") == open)
    try journal.markBackfilled(source: "a", until: 200)
    #expect(try journal.openGaps(source: "a") == [open[1]])
    try journal.commit()
    #expect(try JournalReader(path: path).gapCounts() == (4, 2))
    try journal.markBackfilled(source: "a", until: .max)
    #expect(try journal.openGaps(source: "a") == [])
    #expect(try journal.openGaps(source: "b").count == 1)
    #expect(try journal.openGaps(source: "c") == [])
  }

  @Test("gaps up to an event come in order, behind open ones that have no event")
  func gapsThrough() throws {
    let journal = try Journal(path: directory.file())
    func gap(_ source: String, _ from: Int64, _ to: Int64, _ backfilled: Bool) -> GapRecord {
      GapRecord(source: source, from: from, to: to, backfilled: backfilled)
    }
    let events = [gap("a", 100, 100, false), gap("a", 100, 200, false), gap("a", 100, 200, true)]
    for (place, event) in events.enumerated() {
      try journal.append(gap: Int64(place) * 2 + 1, event)
      try journal.append(
        gapOf: event.source, from: event.from, to: event.to, backfilled: event.backfilled)
    }
    try journal.append(gapOf: "b", from: 50, to: 60, backfilled: false)
    try journal.append(gapOf: "a", from: 20, to: 30, backfilled: false)
    try journal.append(gapOf: "c", from: 10, to: 20, backfilled: true)
    let old = [gap("a", 20, 30, false), gap("b", 50, 60, false)]
    #expect(try journal.gaps(through: 0) == old)
    #expect(try journal.gaps(through: 1) == old + [events[0]])
    #expect(try journal.gaps(through: 4) == old + events[..<2])
    #expect(try journal.gaps(through: .max) == old + events)
  }

  @Test("a journal without gaps counts none")
  func noGaps() throws {
    let journal = try Journal(path: directory.file())
    #expect(try JournalReader(path: directory.file()).gapCounts() == (0, 0))
    try journal.close()
  }

  @Test("kills after a number come in order, and nothing but kills")
  func kills() throws {
    let journal = try Journal(path: directory.file())
    for (seq, kind): (Int64, String) in [(9, "killed"), (5, "error"), (5, "killed"), (4, "killed")] {
      try journal.append(
        failure: RuleFailure(
          rule: "r\(seq)", version: "v", seq: seq, kind: kind, hook: "on_order", message: kind, trace: "",
          order: ""))
    }
    try journal.commit()
    let kills = try journal.kills(after: 4)
    #expect(kills.map(\.rule) == ["r5", "r9"])
    #expect(kills.map(\.hook) == ["on_order", "on_order"])
    #expect(kills.map(\.seq) == [5, 9])
    #expect(try journal.kills(after: .min).count == 3)
    #expect(try journal.kills(after: 9).isEmpty)
  }
}
