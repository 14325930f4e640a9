import Glibc
import Testing

@testable import Journal

@Suite("Tokens in the journal")
struct TokensTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func token(_ id: String, created: Int64 = 1, expires: Int64? = nil) -> TokenRecord {
    TokenRecord(
      id: id, name: "name of \(id)", role: "viewer", hash: Array(repeating: 7, count: 32),
      createdMilliseconds: created, expiresMilliseconds: expires)
  }

  @Test("tokens come back as they were kept, to the writer and to readers, the oldest first")
  func roundTrip() throws {
    let journal = try Journal(path: directory.file())
    let tokens = [token("b", created: 1), token("a", created: 2, expires: 9), token("c", created: 2)]
    #expect(try journal.tokens() == [])
    for token in tokens.reversed() { try journal.append(token: token) }
    #expect(try journal.tokens() == tokens)
    let reader = try JournalReader(path: directory.file())
    #expect(try reader.tokens() == [])
    try journal.commit()
    #expect(try reader.tokens() == tokens)
    try journal.close()
    #expect(try Journal(path: directory.file()).tokens() == tokens)
  }

  @Test("a token is revoked once")
  func revoking() throws {
    let journal = try Journal(path: directory.file())
    try journal.append(token: token("a"))
    #expect(try journal.revoke(token: "a", at: 5))
    #expect(try !journal.revoke(token: "a", at: 6))
    #expect(try !journal.revoke(token: "b", at: 6))
    try journal.commit()
    #expect(try journal.tokens().map(\.revokedMilliseconds) == [5])
    #expect(try journal.revoke(token: "a", at: 7) == false)
    try journal.rollback()
  }

  @Test("a token lives until it is revoked or expires")
  func living() {
    var token = token("a", expires: 10)
    #expect(token.isLive(at: 9) && !token.isLive(at: 10))
    token.expiresMilliseconds = nil
    #expect(token.isLive(at: .max))
    token.revokedMilliseconds = 5
    #expect(!token.isLive(at: 4))
  }

  @Test("a hash that is none and an id that is taken are errors, and nothing of the batch is kept")
  func wrong() throws {
    let journal = try Journal(path: directory.file())
    var short = token("a")
    short.hash = [1]
    #expect {
      try journal.append(token: short)
    } throws: { ($0 as? JournalError)?.code == .misuse }
    try journal.append(token: token("a"))
    #expect(throws: JournalError.self) { try journal.append(token: token("a")) }
    #expect {
      try journal.commit()
    } throws: { ($0 as? JournalError)?.code == .batchFailed }
    try journal.rollback()
    #expect(try journal.tokens() == [])
  }

  @Test("of tokens that let nobody in any more the newest stay")
  func dropping() throws {
    let journal = try Journal(path: directory.file())
    for number: Int64 in 1...6 {
      try journal.append(token: token("t\(number)", created: number, expires: number < 4 ? 100 : nil))
    }
    try journal.revoke(token: "t4", at: 50)
    try journal.dropDeadTokens(at: 99, keeping: 1)
    #expect(try journal.tokens().count == 6)
    try journal.dropDeadTokens(at: 100, keeping: 2)
    #expect(try journal.tokens().map(\.id) == ["t3", "t4", "t5", "t6"])
    try journal.dropDeadTokens(at: 100, keeping: -1)
    #expect(try journal.tokens().map(\.id) == ["t5", "t6"])
  }

  @Test("a new journal is its owner's alone, and so is what SQLite puts beside it; an old one keeps its mode")
  func modes() throws {
    let journal = try Journal(path: directory.file())
    try journal.append(token: token("a"))
    try journal.commit()
    func mode(_ name: String) -> UInt32 {
      var status = stat()
      return stat(directory.file(name), &status) == 0 ? status.st_mode & 0o777 : 0
    }
    for end in ["", "-wal", "-shm"] { #expect(mode("journal.db" + end) == 0o600, "\(end)") }
    try journal.close()
    chmod(directory.file(), 0o640)
    _ = try Journal(path: directory.file())
    #expect(mode("journal.db") == 0o640)
  }
}
