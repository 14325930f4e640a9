import Glibc
import Journal
import Testing

@testable import Broadcast

@Suite("Changes of the tokens")
final class TokenEditTests {
  private let path = "/tmp/betterbot-edit-\(RandomBytes.make(8).map { String($0, radix: 16) }.joined()).db"

  deinit { for end in ["", "-wal", "-shm"] { unlink(path + end) } }

  private func record(_ name: String, created: Int64 = 5, expires: Int64? = nil) -> TokenRecord {
    AccessToken.make(name: name, role: .viewer, created: created, expires: expires).record
  }

  /// Whether it was done.
  private func apply(_ edit: TokenEdit, _ journal: Journal) throws -> Bool {
    let outcome = try edit.apply(to: journal)
    try journal.commit()
    if case .done = outcome { return true }
    return false
  }

  @Test("a change goes through a line and comes out as it was")
  func lines() {
    let edits: [TokenEdit] = [
      .add(record("a")), .add(record("b", expires: 99)), .revoke("grafana", at: 7),
      .revoke(record("x").id, at: -7),
    ]
    for edit in edits {
      #expect(TokenEdit(line: edit.line) == edit, "\(edit.line)")
      #expect(edit.line.utf8.count < 1024)
    }
  }

  @Test("other lines are none")
  func otherLines() {
    let line = TokenEdit.add(record("a")).line
    let words = line.split(separator: " ").map(String.init)
    var wrong = [
      "", "token", "token add", "token revoke a", "token revoke a x", "token revoke a b 5", "status",
      "token revoke ../a 5", "token  revoke a 5", line + " ", line + " x", " " + line, line + "\n",
      "token revoke bb_abc 5",
    ]
    for place in words.indices {
      var other = words
      other[place] = "#"
      wrong.append(other.joined(separator: " "))
      other.remove(at: place)
      wrong.append(other.joined(separator: " "))
    }
    for line in wrong { #expect(TokenEdit(line: line) == nil, "\(line)") }
  }

  @Test("names are used once at a time, and an id and a name are never the same")
  func names() throws {
    let journal = try Journal(path: path)
    let first = record("a", expires: 100)
    #expect(try apply(.add(first), journal))
    #expect(try !apply(.add(record("a")), journal))
    #expect(try !apply(.add(record(first.id)), journal))
    #expect(try !apply(.add(first), journal))
    #expect(try apply(.revoke("a", at: 6), journal))
    #expect(try apply(.add(record("a", created: 7)), journal))
    #expect(try apply(.add(record("b", expires: 100)), journal))
    // What has expired gives its name free.
    #expect(try apply(.add(record("b", created: 100)), journal))
    #expect(try journal.tokens().map(\.name).sorted() == ["a", "a", "b", "b"])
  }

  @Test("a token is revoked by its id or its name, once")
  func revoking() throws {
    let journal = try Journal(path: path)
    let (first, second) = (record("a"), record("b"))
    for token in [first, second] { #expect(try apply(.add(token), journal)) }
    #expect(try apply(.revoke(first.id, at: 7), journal))
    #expect(try !apply(.revoke(first.id, at: 8), journal))
    #expect(try !apply(.revoke("a", at: 8), journal))
    #expect(try !apply(.revoke("nobody", at: 8), journal))
    #expect(try apply(.revoke("b", at: 9), journal))
    let revoked = try journal.tokens().map(\.revokedMilliseconds)
    #expect(Set(revoked) == [7, 9])
  }

  @Test("there may be so many tokens and no more")
  func most() throws {
    let journal = try Journal(path: path)
    for number in 0..<TokenEdit.mostLive { try journal.append(token: record("t\(number)")) }
    try journal.commit()
    #expect(try !apply(.add(record("one-more")), journal))
    #expect(try apply(.revoke("t7", at: 6), journal))
    #expect(try apply(.add(record("one-more")), journal))
  }

  @Test("neither the file, nor the line, nor what is said has the secret")
  func noSecrets() throws {
    let journal = try Journal(path: path)
    let (text, record) = AccessToken.make(name: "a", role: .admin, created: 0)
    let edit = TokenEdit.add(record)
    let outcome = try edit.apply(to: journal)
    try journal.commit()
    var said = [edit.line, outcome.text, "\(outcome)", "\(record)"]
    for end in ["", "-wal"] {
      guard let file = fopen(path + end, "re") else { continue }
      defer { fclose(file) }
      var bytes = [UInt8](repeating: 0, count: 1 << 22)
      let count = fread(&bytes, 1, bytes.count, file)
      said.append(String(decoding: bytes[..<count].map { $0 < 0x80 ? $0 : 0x3F }, as: UTF8.self))
    }
    #expect(said.contains { $0.contains(record.id) && $0.utf8.count > 4000 })
    let secret = String(text.suffix(43))
    for text in said { #expect(!text.contains(secret)) }
  }
}
