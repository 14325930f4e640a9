import COrderFlow
import OrderFlow
import Testing

@testable import Journal

@Suite("Feeds in a journal")
struct SourcesTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func order(_ seq: Int64, time: Int64 = 1_000, source: UInt16, origin: Int = 0) -> OrderBox {
    let box = OrderBox(seq: seq, time: time)
    box.pointer.pointee.source = source
    box.pointer.pointee.origin = UInt8(origin)
    return box
  }

  @Test("an order is stored with the name of its feed and how it came")
  func columns() throws {
    let journal = try Journal(path: directory.file())
    try journal.registerSource(number: 1, name: "polymarket")
    try journal.registerSource(number: 700, name: "kalshi ü")
    try journal.append(order(1, source: 0), identity: digest(1))
    try journal.append(order(2, source: 1), identity: digest(2))
    try journal.append(order(3, source: 700, origin: BB_ORIGIN_BACKFILL), identity: digest(3))
    try journal.append(order(4, source: 1, origin: BB_ORIGIN_AUDIT), identity: digest(4))
    try journal.commit()
    let rows = try journal.usable().connection.text(
      """
      SELECT group_concat(coalesce(source, '-') || ':' || coalesce(origin, '-')) FROM
      (SELECT * FROM events ORDER BY seq)
      """)
    #expect(rows == "-:-,polymarket:-,kalshi ü:backfill,polymarket:audit")
  }

  @Test("an order of a feed that nobody registered is refused, and nothing of its batch stays")
  func unregistered() throws {
    let journal = try Journal(path: directory.file())
    try journal.registerSource(number: 9, name: "nine")
    for number: UInt16 in [8, 10, .max] {
      try journal.append(order(1, source: 9), identity: digest(1))
      let error = #expect(throws: JournalError.self) {
        try journal.append(order(2, source: number), identity: digest(2))
      }
      #expect(error?.code == .misuse)
      #expect(error?.message.contains("source number \(number) has no name") == true)
      #expect(throws: JournalError.self) { try journal.commit() }
      try journal.rollback()
    }
    #expect(try journal.contains(identity: digest(1)) == false)
  }

  @Test("a number keeps its name")
  func registering() throws {
    let journal = try Journal(path: directory.file())
    try journal.registerSource(number: 1, name: "a")
    try journal.registerSource(number: 1, name: "a")
    for (number, name): (UInt16, String) in [(1, "b"), (0, "a"), (2, "")] {
      let error = #expect(throws: JournalError.self) {
        try journal.registerSource(number: number, name: name)
      }
      #expect(error?.code == .misuse)
    }
  }

  @Test("the newest event time of a feed is known at once and after reopening, and follows a rollback")
  func newest() throws {
    let path = directory.file()
    do {
      let journal = try Journal(path: path)
      try journal.registerSource(number: 1, name: "a")
      try journal.registerSource(number: 2, name: "b")
      #expect(try journal.newestEventTime(source: "a") == nil)
      try journal.append(order(1, time: 5_000, source: 1), identity: digest(1))
      try journal.append(order(2, time: 4_000, source: 1), identity: digest(2))
      try journal.append(order(3, time: 9_000, source: 0), identity: digest(3))
      #expect(try journal.newestEventTime(source: "a") == 5_000)
      try journal.commit()
      try journal.append(order(4, time: 7_000, source: 1), identity: digest(4))
      try journal.append(order(5, time: -7, source: 2), identity: digest(5))
      #expect(try journal.newestEventTime(source: "a") == 7_000)
      #expect(try journal.newestEventTime(source: "b") == -7)
      try journal.rollback()
      #expect(try journal.newestEventTime(source: "a") == 5_000)
      #expect(try journal.newestEventTime(source: "b") == nil)
      try journal.close()
    }
    let journal = try Journal(path: path)
    #expect(try journal.newestEventTime(source: "a") == 5_000)
    // An older order of a later run does not turn it back.
    try journal.registerSource(number: 3, name: "a")
    try journal.append(order(6, time: 100, source: 3), identity: digest(6))
    try journal.commit()
    #expect(try journal.newestEventTime(source: "a") == 5_000)
    #expect(try journal.usable().connection.integer("SELECT newest_t FROM sources") == 5_000)
  }

  @Test("how far a feed was audited is kept beside its newest event")
  func audited() throws {
    let journal = try Journal(path: directory.file())
    try journal.registerSource(number: 1, name: "a")
    #expect(try journal.audited(source: "a") == nil)
    try journal.setAudited(source: "a", time: 10)
    #expect(try journal.newestEventTime(source: "a") == nil)
    try journal.append(order(1, time: 50, source: 1), identity: digest(1))
    try journal.commit()
    #expect(try journal.audited(source: "a") == 10)
    #expect(try journal.newestEventTime(source: "a") == 50)
    try journal.setAudited(source: "a", time: 40)
    try journal.rollback()
    #expect(try journal.audited(source: "a") == 10)
    #expect(try journal.audited(source: "b") == nil)
  }

  @Test(
    "an error says whether the same batch may go through later",
    arguments: [
      (JournalError.Code.diskFull, true), (.readOnly, true), (.inputOutput, true), (.busy, true),
      (.corrupt, false), (.sequenceClash, false), (.misuse, false), (.batchFailed, false), (.tooBig, false),
    ])
  func transient(_ code: JournalError.Code, _ expected: Bool) {
    #expect(JournalError(code: code, file: "f", message: "m").isTransientDisk == expected)
  }
}
