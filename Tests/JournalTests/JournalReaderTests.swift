import COrderFlow
import OrderFlow
import Testing

@testable import Journal

@Suite("Reading a journal")
struct JournalReaderTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  @Test("a signal comes back exactly as it was written")
  func roundTrip() throws {
    let path = directory.file()
    var full = signal(7)
    full.key = "a\u{0}b"
    full.market = "market"
    full.token = ""
    full.side = "BUY"
    full.user = "0xu"
    full.confidence = 0.1 + 0.2
    full.action = "buy 5"
    full.data = #"{"e":"é","n":null}"#
    full.foldCount = 3
    full.evidence = [.min, -1, 0, 5, .max]
    full.late = true
    full.warming = true
    var plain = signal(8, rule: "whale")
    plain.dataGap = true
    let journal = try Journal(path: path)
    try journal.append(signal: full)
    try journal.append(signal: plain)
    try journal.commit()
    var read: [StoredSignal] = []
    try JournalReader(path: path).signals { read.append($0) }
    #expect(read.map(\.signal) == [full, plain])
    #expect(read.map(\.number) == [1, 2])
    #expect(read[0].fields[8] == "0.30000000000000004")
    #expect(read[0].fields[0] == full.id.hex)
    #expect(read[0].fields.count == StoredSignal.columns.count)
  }

  @Test(
    "filters combine, and a limit takes the newest in order of age",
    arguments: [
      (SignalFilter(), [1, 2, 3, 4, 5, 6]),
      (SignalFilter(rule: "b"), [2, 4, 6]),
      (SignalFilter(since: 4_000), [4, 5, 6]),
      (SignalFilter(minimumSeverity: .info), [1, 2, 3, 4, 5, 6]),
      (SignalFilter(minimumSeverity: .high), [4, 5]),
      (SignalFilter(limit: 2), [5, 6]),
      (SignalFilter(limit: 0), []),
      (SignalFilter(limit: -5), []),
      (SignalFilter(limit: .max), [1, 2, 3, 4, 5, 6]),
      (SignalFilter(rule: "b", since: 3_000, minimumSeverity: .low, limit: 1), [4]),
      (SignalFilter(rule: "'; DROP TABLE signals; --"), []),
    ])
  func filters(_ filter: SignalFilter, _ expected: [Int64]) throws {
    let path = directory.file()
    let journal = try Journal(path: path)
    let severities: [Severity] = [.info, .low, .medium, .high, .critical, .info]
    for place in 1...6 {
      var fired = signal(Int64(place), rule: place % 2 == 0 ? "b" : "a", time: Int64(place) * 1_000)
      fired.severity = severities[place - 1]
      try journal.append(signal: fired)
    }
    try journal.commit()
    var numbers: [Int64] = []
    try JournalReader(path: path).signals(filter) { numbers.append($0.number) }
    #expect(numbers == expected)
  }

  @Test("reads one moment while the engine writes on, and does not stop it")
  func meanwhile() throws {
    let path = directory.file()
    let journal = try Journal(path: path)
    for seq: Int64 in 1...50 { try journal.append(signal: signal(seq)) }
    try journal.commit()
    let reader = try JournalReader(path: path)
    var seen = 0
    try reader.signals { _ in
      seen += 1
      try journal.append(signal: signal(Int64(1_000 + seen)))
      try journal.commit()
    }
    #expect(seen == 50)
    seen = 0
    try reader.signals { _ in seen += 1 }
    #expect(seen == 100)
  }

  @Test("an error of the caller ends the reading and the reader stays usable")
  func interrupted() throws {
    struct Stop: Error {}
    let path = directory.file()
    let journal = try Journal(path: path)
    for seq: Int64 in 1...3 { try journal.append(signal: signal(seq)) }
    try journal.commit()
    let reader = try JournalReader(path: path)
    #expect(throws: Stop.self) { try reader.signals { _ in throw Stop() } }
    var seen = 0
    try reader.signals { _ in seen += 1 }
    #expect(seen == 3)
    try journal.close()
  }

  @Test("reads after the engine has gone, and leaves nothing beside the file")
  func afterwards() throws {
    let path = directory.file()
    do {
      let journal = try Journal(path: path)
      try journal.append(signal: signal(1))
      try journal.commit()
      try journal.close()
    }
    var seen = 0
    do { try JournalReader(path: path).signals { _ in seen += 1 } }
    #expect(seen == 1)
    #expect(!directory.exists("journal.db-wal"))
    #expect(!directory.exists("journal.db-shm"))
    #expect(try Journal(path: path).lastSignalNumber() == 1)
  }

  @Test("reads what a crash left in the log")
  func afterCrash() throws {
    let journal = try Journal(path: directory.file())
    try journal.append(signal: signal(1))
    try journal.commit()
    try Shell.run("cd '\(directory.path)' && cp journal.db copy.db && cp journal.db-wal copy.db-wal")
    var seen = 0
    try JournalReader(path: directory.file("copy.db")).signals { _ in seen += 1 }
    #expect(seen == 1)
  }

  @Test("a damaged signal is named, not invented")
  func damaged() throws {
    let path = directory.file()
    let journal = try Journal(path: path)
    try journal.append(signal: signal(1))
    try journal.commit()
    try journal.usable().connection.execute("UPDATE signals SET severity = 'purple'")
    #expect {
      try JournalReader(path: path).signals { _ in }
    } throws: { ($0 as? JournalError)?.code == .corrupt && "\($0)".contains("signal number 1") }
  }
}
