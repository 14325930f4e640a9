import OrderFlow
import Testing

@testable import Journal

@Suite("Webhooks in the journal")
struct WebhookRecordTests {
  private let directory: TemporaryDirectory
  private let journal: Journal

  init() throws {
    directory = try TemporaryDirectory()
    journal = try Journal(path: directory.file(), durability: .normal)
  }

  @Test("a webhook comes back as it was stored")
  func roundTrip() throws {
    var full = webhook("full")
    full.format = .slack
    (full.filter.rule, full.filter.market, full.filter.token, full.filter.user) = ("r", "m", "t", "u")
    full.filter.minimumSeverity = .critical
    full.previousSecret = [UInt8](repeating: 1, count: 24)
    full.previousUntil = 99
    full.allowsPrivate = true
    full.disabledMilliseconds = 12
    full.reason = "why"
    full.id = try journal.add(webhook: full)
    var plain = webhook("plain")
    plain.id = try journal.add(webhook: plain)
    try journal.commit()
    #expect(try journal.webhooks() == [full, plain])
    #expect(try JournalReader(path: directory.file()).webhooks() == [full, plain])
    #expect(try journal.webhook(named: "plain") == plain)
    #expect(try journal.webhook(named: "other") == nil)
  }

  @Test("no two have a name, a secret has its length, and there are not too many")
  func refusals() throws {
    try journal.add(webhook: webhook("a"))
    #expect(throws: JournalError.self) { try journal.add(webhook: webhook("a")) }
    var short = webhook("b")
    short.secret = [1, 2, 3]
    #expect(throws: JournalError.self) { try journal.add(webhook: short) }
    for number in 1..<WebhookRecord.limit { try journal.add(webhook: webhook("n\(number)")) }
    do {
      try journal.add(webhook: webhook("z"))
      Issue.record("there are too many")
    } catch {
      #expect(error.code == .misuse && error.message == "there are 64 webhooks, the limit; remove one first")
    }
    // A refusal leaves the batch as it was.
    try journal.commit()
    #expect(try journal.webhooks().count == WebhookRecord.limit)
  }

  @Test("a rotation keeps the old secret for a while")
  func rotation() throws {
    try journal.add(webhook: webhook("a"))
    let new = [UInt8](repeating: 9, count: 64)
    #expect(try journal.rotate(webhook: "a", secret: new, previousUntil: 500))
    #expect(try journal.rotate(webhook: "b", secret: new, previousUntil: 500) == false)
    let rotated = try #require(try journal.webhook(named: "a"))
    #expect(rotated.secret == new && rotated.previousSecret == webhook("a").secret)
    #expect(rotated.previousUntil == 500)
  }

  @Test("removing forgets what was to be sent; another with its name begins anew")
  func removal() throws {
    let id = try journal.add(webhook: webhook("a"))
    try journal.append(signal: signal(1))
    try journal.commit()
    #expect(try journal.remove(webhook: "a"))
    #expect(try journal.remove(webhook: "a") == false)
    try journal.commit()
    let counts = try JournalReader(path: directory.file()).deliveryCounts(of: id)
    #expect(counts.waiting == 0 && counts.dead == 0)
    try journal.add(webhook: webhook("a"))
    try journal.commit()
  }
}
