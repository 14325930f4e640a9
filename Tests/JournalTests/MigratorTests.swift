import COrderFlow
import OrderFlow
import Testing

@testable import Journal

@Suite("Schema migrations")
struct MigratorTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func schema(_ path: String) throws -> String? {
    let connection = try Connection(try FileClaim(reading: path), flags: 1)
    return try connection.text(
      "SELECT group_concat(sql, '; ') FROM (SELECT sql FROM sqlite_schema ORDER BY type, name)")
  }

  @Test("a file of every older version ends with the layout of a new one", arguments: 0..<Schema.steps.count)
  func fromEveryVersion(_ version: Int) throws {
    let old = directory.file("old.db")
    do {
      let migrator = Migrator(steps: Array(Schema.steps[..<version]))
      let connection = try Connection(try FileClaim(writing: old), flags: 6)
      try migrator.migrate(connection)
    }
    try Journal(path: old).close()
    try Journal(path: directory.file("new.db")).close()
    #expect(try schema(old) == schema(directory.file("new.db")))
  }

  @Test("a journal of version 1 keeps its rows, and can hold what version 2 adds")
  func fromFirst() throws {
    let path = directory.file("first.db")
    do {
      let connection = try Connection(try FileClaim(writing: path), flags: 6)
      try Migrator(steps: Array(Schema.steps[..<1])).migrate(connection)
      #expect(try connection.integer("PRAGMA user_version") == 1)
      try connection.execute(
        """
        INSERT INTO events (seq, identity, t, venue, side, price, shares, usd, twin, late)
        VALUES (7, zeroblob(16), 5, 'polymarket', 'BUY', 1, 2, 0, 0, 1);
        INSERT INTO rule_state VALUES ('r', 'v', 7, x'01', x'02');
        INSERT INTO gaps (source, from_t, to_t, backfilled) VALUES ('a', 1, 2, 0);
        """)
    }
    let journal = try Journal(path: path)
    #expect(journal.lastSeq() == 7)
    #expect(try journal.loadState(rule: "r") == RuleState(version: "v", seq: 7, state: [1], dedup: [2]))
    #expect(try journal.openGaps(source: "a").count == 1)
    var seen: [Int64] = []
    try journal.readBack(after: 0, batch: 10) { batch in
      guard case .orders(let orders) = batch else { return }
      for order in orders {
        seen.append(order.seq)
        #expect(order.source == 0 && order.origin == 0 && order.late == 1)
      }
    }
    #expect(seen == [7])
    try journal.registerSource(number: 1, name: "a")
    let box = OrderBox(seq: 8)
    box.pointer.pointee.source = 1
    try journal.append(box, identity: digest(8))
    try journal.append(tick: 9, clock: 6)
    try journal.append(markAt: 9, clock: 6)
    try journal.saveState(rule: "r", version: "v", seq: 9, state: [], dedup: [], failures: "3")
    try journal.commit()
    #expect(try journal.loadState(rule: "r")?.failures == "3")
    #expect(journal.lastSeq() == 9)
  }

  @Test("a journal of version 2 keeps its rows, and its signals are neither warming nor over a gap")
  func fromSecond() throws {
    let path = directory.file("second.db")
    do {
      let connection = try Connection(try FileClaim(writing: path), flags: 6)
      try Migrator(steps: Array(Schema.steps[..<2])).migrate(connection)
      try connection.execute(
        """
        INSERT INTO signals (n, id, rule, version, seq, t, severity, title, key, fold_count, late, has_order)
        VALUES (3, zeroblob(16), 'r', 'v', 7, 5, 'high', 'a title', '', 2, 0, 1);
        INSERT INTO rule_state VALUES ('r', 'v', 7, x'01', x'02', '4');
        INSERT INTO ticks VALUES (8, 9);
        INSERT INTO versions VALUES ('v', 1, 2, 'running', 3, NULL);
        """)
      #expect(try connection.integer("SELECT count(*) FROM pragma_table_info('signal_rows')") == 21)
    }
    let journal = try Journal(path: path)
    let state = RuleState(version: "v", seq: 7, state: [1], dedup: [2], failures: "4")
    #expect(try journal.loadState(rule: "r") == state)
    #expect(state.stateVersion == 1 && state.warmingUntil == nil)
    #expect(journal.lastSeq() == 8 && journal.lastSignalNumber() == 3)
    try journal.append(gap: 9, GapRecord(source: "a", from: 1, to: 2, backfilled: false))
    try journal.markRemoved(except: [], wallMilliseconds: 5)
    try journal.append(
      reload: ReloadRecord(
        version: "w", previous: "v", seq: 9, createdMilliseconds: 1, outcome: "running"))
    try journal.commit()
    #expect(try journal.usable().connection.text("SELECT outcome FROM versions") == "running")
    var read: [StoredSignal] = []
    try JournalReader(path: path).signals { read.append($0) }
    #expect(read.map(\.signal.title) == ["a title"])
    #expect(read.allSatisfy { !$0.signal.warming && !$0.signal.dataGap })
    #expect(read.allSatisfy { $0.fields.suffix(2) == ["0", "0"] })
  }

  @Test("steps run once each, in order, and keep what is there")
  func inOrder() throws {
    let path = directory.file()
    do {
      let journal = try Journal(path: path)
      try journal.append(signal: signal(1))
      try journal.commit()
      try journal.close()
    }
    let later = Migrator(
      steps: Schema.steps + [
        "ALTER TABLE signals ADD COLUMN note TEXT; UPDATE signals SET note = 'a'",
        "UPDATE signals SET note = note || 'b'",
      ])
    for _ in 1...2 {
      let journal = try Journal(path: path, durability: .full, migrator: later)
      let connection = try journal.usable().connection
      #expect(try connection.text("SELECT note FROM signals") == "ab")
      #expect(try connection.integer("PRAGMA user_version") == Int64(Schema.steps.count) + 2)
      try journal.close()
    }
    let error = #expect(throws: JournalError.self) { try Journal(path: path) }
    #expect(error?.code == .newerVersion)
    #expect(
      error?.message.contains(
        "layout version \(Schema.steps.count + 2), this betterbot knows versions up to \(Schema.steps.count)")
        == true)
    #expect(throws: JournalError.self) { try JournalReader(path: path) }
  }

  @Test("a step that fails leaves the version before it, whole")
  func failing() throws {
    let path = directory.file()
    try Journal(path: path).close()
    let before = try schema(path)
    let broken = Migrator(steps: Schema.steps + ["CREATE TABLE half (x); SELECT * FROM nowhere"])
    let error = #expect(throws: JournalError.self) {
      try Journal(path: path, durability: .full, migrator: broken)
    }
    #expect(error?.message.contains("nowhere") == true)
    #expect(try schema(path) == before)
    #expect(try Journal(path: path).lastSeq() == 0)
  }

  @Test("a reader refuses an older layout and says how to bring it up to date")
  func olderForReader() throws {
    let path = directory.file()
    do {
      let connection = try Connection(try FileClaim(writing: path), flags: 6)
      try connection.execute(
        "PRAGMA application_id = \(Schema.applicationID); CREATE TABLE meta (key, value)")
    }
    let error = #expect(throws: JournalError.self) { try JournalReader(path: path) }
    #expect(error?.code == .olderVersion)
  }
}
