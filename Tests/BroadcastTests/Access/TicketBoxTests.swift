import Testing

@testable import Broadcast

@Suite("Tickets")
struct TicketBoxTests {
  private let table: TokenTable
  private let caller: Caller
  private let box = TicketBox()
  private let now: Int64 = 1_000_000

  init() throws {
    let (text, record) = AccessToken.make(name: "a", role: .viewer, created: 0)
    table = TokenTable([record])
    caller = try #require(table.verify(bearer: text, now: now))
  }

  private func issue(_ caller: Caller? = nil, at time: Int64? = nil) -> String? {
    if case .issued(let text) = box.issue(for: caller ?? self.caller, now: time ?? now) { return text }
    return nil
  }

  @Test("a ticket lets its caller in once")
  func once() throws {
    let ticket = try #require(issue())
    #expect(ticket.wholeMatch(of: /[A-Za-z0-9_-]{43}/) != nil)
    #expect(box.look(at: ticket, now: now)?.id == caller.id)
    #expect(box.redeem(ticket, now: now)?.id == caller.id)
    #expect(box.redeem(ticket, now: now) == nil && box.look(at: ticket, now: now) == nil)
  }

  @Test("a ticket is good for 30 s, and not before it was made")
  func expiry() throws {
    let first = try #require(issue())
    #expect(box.redeem(first, now: now + 29_999) != nil)
    let second = try #require(issue())
    #expect(box.redeem(second, now: now + 30_000) == nil)
    #expect(box.redeem(second, now: now) == nil, "it was shown, so it is gone")
    let third = try #require(issue())
    #expect(box.redeem(third, now: now - 1) == nil)
  }

  @Test("what is no ticket lets nobody in", arguments: ["", "x", String(repeating: "A", count: 43), "é"])
  func wrong(_ text: String) {
    _ = issue()
    #expect(box.redeem(text, now: now) == nil)
  }

  @Test("a ticket is worth nothing when its caller's token has been revoked")
  func revoked() throws {
    let ticket = try #require(issue())
    table.replace(with: [])
    #expect(box.redeem(ticket, now: now) == nil)
  }

  @Test("a caller has 16 tickets at most, and gets more when they are used or old")
  func perCaller() {
    let tickets = (0..<16).compactMap { _ in issue() }
    #expect(tickets.count == 16)
    #expect(box.issue(for: caller, now: now + 1500) == .refused(retryAfter: 29))
    #expect(box.redeem(tickets[3], now: now) != nil)
    #expect(issue() != nil && issue() == nil)
    #expect(issue(at: now + 30_000) != nil)
  }

  @Test("there are 1024 tickets at most")
  func most() throws {
    var made = 0
    for number in 0..<70 {
      let (text, record) = AccessToken.make(name: "t\(number)", role: .viewer, created: 0)
      let caller = try #require(TokenTable([record]).verify(bearer: text, now: now))
      for _ in 0..<16 where issue(caller) != nil { made += 1 }
    }
    #expect(made == 1024)
    #expect(box.issue(for: caller, now: now) == .refused(retryAfter: 30))
  }
}
