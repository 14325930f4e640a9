import Journal
import Testing

@testable import Broadcast

@Suite("The tokens that are known")
struct TokenTableTests {
  private let now: Int64 = 1_000_000

  private func kind(_ finding: TokenTable.Finding) -> String {
    switch finding {
    case .valid: "valid"
    case .malformed: "malformed"
    case .unknown: "unknown"
    case .wrong: "wrong"
    case .expired: "expired"
    case .revoked: "revoked"
    }
  }

  @Test("a token tells who has it; inside, what is wrong with another is told apart")
  func findings() {
    let (text, record) = AccessToken.make(name: "a", role: .admin, created: 0, expires: now + 10)
    let (other, _) = AccessToken.make(name: "b", role: .admin, created: 0)
    var (gone, over) = (record, record)
    gone.revokedMilliseconds = now
    over.expiresMilliseconds = now
    let table = TokenTable([record])
    let caller = table.verify(bearer: text, now: now)
    #expect(caller?.name == "a" && caller?.role == .admin && caller?.expires == now + 10)
    #expect(caller?.id == "token:\(record.id)")
    #expect(kind(table.look(other, now: now)) == "unknown")
    #expect(kind(table.look("bb_\(record.id)_" + other.suffix(43), now: now)) == "wrong")
    #expect(kind(table.look("x", now: now)) == "malformed")
    #expect(kind(table.look(text, now: now + 10)) == "expired")
    #expect(kind(TokenTable([over]).look(text, now: now)) == "expired")
    #expect(kind(TokenTable([gone]).look(text, now: now)) == "revoked")
    #expect(kind(TokenTable([gone]).look("bb_\(record.id)_" + other.suffix(43), now: now)) == "wrong")
    for text in [other, "x", text] { #expect(TokenTable([gone]).verify(bearer: text, now: now) == nil) }
  }

  @Test("a hash of nothing and a role that is unknown let nobody in")
  func oddRecords() {
    var (text, record) = AccessToken.make(name: "a", role: .viewer, created: 0)
    record.role = "root"
    #expect(TokenTable([record]).verify(bearer: text, now: now) == nil)
    record.role = "viewer"
    record.hash = []
    #expect(TokenTable([record]).verify(bearer: text, now: now) == nil)
    text = ""
    #expect(TokenTable([record]).verify(bearer: text, now: now) == nil)
  }

  @Test("who has been admitted may stay until the token expires, is revoked, is gone, or changes its role")
  func staying() throws {
    let (text, record) = AccessToken.make(name: "a", role: .viewer, created: 0, expires: now + 10)
    let table = TokenTable([record])
    let caller = try #require(table.verify(bearer: text, now: now))
    #expect(caller.isStillValid(now) && caller.isStillValid(now + 9) && !caller.isStillValid(now + 10))
    table.replace(with: [record, AccessToken.make(name: "b", role: .admin, created: 0).record])
    #expect(caller.isStillValid(now))
    var changed = record
    changed.role = "admin"
    table.replace(with: [changed])
    #expect(!caller.isStillValid(now))
    changed = record
    changed.revokedMilliseconds = now
    table.replace(with: [changed])
    #expect(!caller.isStillValid(now) && table.verify(bearer: text, now: now) == nil)
    table.replace(with: [])
    #expect(!caller.isStillValid(now))
  }
}
