import OrderFlow
import Testing

@testable import Journal

@Suite("Changes of the rule set")
struct ReloadsTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func record(_ version: String, _ outcome: String, seq: Int64) -> ReloadRecord {
    ReloadRecord(
      version: version, previous: seq > 1 ? "before" : nil, seq: seq, createdMilliseconds: seq * 10,
      outcome: outcome, reason: outcome == "running" ? nil : "because")
  }

  private func file(_ path: String, _ text: String, hash: UInt8) -> KeptFile {
    KeptFile(path: path, bytes: Array(text.utf8), hash: Array(repeating: hash, count: 32))
  }

  private func count(_ table: String, _ journal: Journal) throws -> Int64 {
    try journal.usable().connection.integer("SELECT count(*) FROM \(table)")
  }

  @Test("every outcome stays in the history, also of one version, and the newest come first")
  func history() throws {
    let journal = try Journal(path: directory.file())
    let records = [
      record("a", "started", seq: 1), record("b", "rejected", seq: 2), record("b", "running", seq: 3),
      record("b", "rolled_back", seq: 4),
    ]
    #expect(try journal.reloads(newest: 5) == [])
    for record in records { try journal.append(reload: record) }
    try journal.commit()
    #expect(try journal.reloads(newest: 9) == records.reversed())
    #expect(try journal.reloads(newest: 2) == [records[3], records[2]])
    #expect(try journal.reloads(newest: -1) == [])
  }

  @Test("files come back as they were kept, and a text of several versions is stored once")
  func files() throws {
    let journal = try Journal(path: directory.file())
    let shared = file("a.lua", "return 1", hash: 1)
    try journal.keepFiles(version: "v1", files: [file("b.lua", "", hash: 2), shared])
    try journal.keepFiles(version: "v2", files: [shared, file("c/d.lua", "x\u{0}y", hash: 3)])
    try journal.commit()
    #expect(try journal.files(of: "v1") == [shared, file("b.lua", "", hash: 2)])
    #expect(try journal.files(of: "v2") == [shared, file("c/d.lua", "x\u{0}y", hash: 3)])
    #expect(try journal.files(of: "v3") == [])
    #expect(try count("files", journal) == 3)
    // Kept again, a version has what it was given last.
    try journal.keepFiles(version: "v1", files: [shared])
    #expect(try journal.files(of: "v1") == [shared])
  }

  @Test("files go with the last version that has them")
  func dropping() throws {
    let journal = try Journal(path: directory.file())
    let shared = file("a.lua", "1", hash: 1)
    try journal.keepFiles(version: "v1", files: [shared, file("b.lua", "2", hash: 2)])
    try journal.keepFiles(version: "v2", files: [shared])
    try journal.dropFiles(keeping: ["v2", "unknown"])
    #expect(try journal.files(of: "v1") == [])
    #expect(try journal.files(of: "v2") == [shared])
    #expect(try count("files", journal) == 1)
    try journal.dropFiles(keeping: [])
    #expect(try count("files", journal) == 0)
    #expect(try count("version_files", journal) == 0)
  }

  @Test("a hash that is none is refused, and a file that is gone is an error")
  func wrongFiles() throws {
    let journal = try Journal(path: directory.file())
    #expect {
      try journal.keepFiles(version: "v", files: [KeptFile(path: "a.lua", bytes: [], hash: [1])])
    } throws: { ($0 as? JournalError)?.code == .misuse }
    try journal.keepFiles(version: "v", files: [file("a.lua", "1", hash: 1)])
    try journal.commit()
    try journal.usable().connection.execute("DELETE FROM files")
    #expect {
      try journal.files(of: "v")
    } throws: { ($0 as? JournalError)?.code == .corrupt }
    try journal.commit()
    let reader = try JournalReader(path: directory.file())
    #expect {
      try reader.files(of: "v")
    } throws: { ($0 as? JournalError)?.code == .corrupt }
  }

  @Test("the state of a rule that left goes after its time, unless the rule comes back")
  func removed() throws {
    let journal = try Journal(path: directory.file())
    for rule in ["a", "b", "c"] {
      try journal.saveState(rule: rule, version: "v", seq: 1, state: [], dedup: [])
    }
    try journal.markRemoved(except: ["a"], wallMilliseconds: 100)
    // An earlier time stays; a rule that is back has none.
    try journal.markRemoved(except: ["a", "c"], wallMilliseconds: 200)
    try journal.commit()
    try journal.dropRemoved(before: 100)
    #expect(try count("rule_state", journal) == 3)
    try journal.dropRemoved(before: 101)
    #expect(try journal.loadState(rule: "b") == nil)
    #expect(try count("rule_state", journal) == 2)
    try journal.markRemoved(except: [], wallMilliseconds: 300)
    try journal.saveState(
      rule: "a", version: "v", seq: 2, state: [7], dedup: [], stateVersion: 3, warmingUntil: 9)
    try journal.dropRemoved(before: .max)
    #expect(
      try journal.loadState(rule: "a")
        == RuleState(version: "v", seq: 2, state: [7], dedup: [], stateVersion: 3, warmingUntil: 9))
    #expect(try count("rule_state", journal) == 1)
  }
}
