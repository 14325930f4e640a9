import Glibc
import OrderFlow
import Testing

@testable import Journal

@Suite("Outbox")
struct OutboxTests {
  private let directory: TemporaryDirectory
  private let journal: Journal

  init() throws {
    directory = try TemporaryDirectory()
    journal = try Journal(path: directory.file(), durability: .normal)
  }

  private func add(_ name: String, _ change: (inout WebhookRecord) -> Void = { _ in }) throws -> Int64 {
    var webhook = webhook(name)
    change(&webhook)
    let id = try journal.add(webhook: webhook)
    try journal.commit()
    return id
  }

  private func reader() throws -> JournalReader { try JournalReader(path: directory.file()) }

  private func due(_ id: Int64, at now: Int64 = .max, limit: Int = 1000) throws -> [WebhookDelivery] {
    try reader().dueDeliveries(of: id, at: now, limit: limit)
  }

  @Test("a signal and its deliveries are committed together, and read back as one")
  func commit() throws {
    let (first, second) = (try add("a"), try add("b"))
    var sent = signal(1)
    sent.market = "m"
    try journal.append(signal: sent)
    #expect(try due(first).isEmpty && due(second).isEmpty)
    try journal.commit()
    for id in [first, second] {
      let delivery = try #require(try due(id).first)
      #expect(delivery.signal == sent && delivery.number == 1 && delivery.webhook == id)
      #expect(delivery.attempts == 0 && delivery.nextMilliseconds == delivery.createdMilliseconds)
      #expect(delivery.createdMilliseconds > 1_700_000_000_000)
      #expect(delivery.deadMilliseconds == nil && delivery.status == nil && delivery.reason == nil)
    }
  }

  @Test("a rollback drops the deliveries with the signal, and writing it again makes them once")
  func rollback() throws {
    let id = try add("a")
    try journal.append(signal: signal(1))
    try journal.rollback()
    try journal.commit()
    #expect(try due(id).isEmpty)
    try journal.append(signal: signal(1))
    try journal.commit()
    #expect(try due(id).count == 1)
  }

  @Test("a signal that is there already is not sent again")
  func duplicate() throws {
    let id = try add("a")
    #expect(try journal.append(signal: signal(1)))
    #expect(try journal.append(signal: signal(1)) == false)
    try journal.commit()
    #expect(try journal.append(signal: signal(1)) == false)
    try journal.commit()
    #expect(try due(id).count == 1)
  }

  @Test("a rolled back change of the webhooks sends nothing, and one in the same batch counts at once")
  func changes() throws {
    try journal.append(signal: signal(1))
    try journal.commit()
    let dropped = try journal.add(webhook: webhook("a"))
    try journal.rollback()
    try journal.append(signal: signal(2))
    try journal.commit()
    #expect(try due(dropped).isEmpty)
    let id = try journal.add(webhook: webhook("b"))
    try journal.append(signal: signal(3))
    try journal.disable(webhook: id, at: 5, reason: "paused")
    try journal.append(signal: signal(4))
    #expect(try journal.resume(webhook: "b", at: 5))
    try journal.append(signal: signal(5))
    try journal.commit()
    #expect(try due(id).map { $0.signal?.seq } == [3, 5])
    #expect(try journal.remove(webhook: "b"))
    try journal.append(signal: signal(6))
    try journal.commit()
    #expect(try due(id).isEmpty)
  }

  @Test("webhooks are known again after the journal was opened anew")
  func reopen() throws {
    let id = try add("a")
    try journal.close()
    let again = try Journal(path: directory.file(), durability: .normal)
    try again.append(signal: signal(1))
    try again.commit()
    #expect(try due(id).count == 1)
  }

  @Test("what a recording says is stored and not sent")
  func recording() throws {
    let id = try add("a")
    journal.fillsOutbox = false
    try journal.append(signal: signal(1))
    try journal.commit()
    #expect(try due(id).isEmpty)
  }

  @Test("each filter lets the signals pass that it names, and all of them together")
  func filters() throws {
    var hit = signal(1, rule: "whale")
    (hit.market, hit.token, hit.user, hit.severity) = ("m", "t", "u", .high)
    let changes: [(inout Signal) -> Void] = [
      { $0.rule = "other" }, { $0.market = nil }, { $0.market = "x" }, { $0.token = "x" }, { $0.user = nil },
      { $0.severity = .medium },
    ]
    var filter = WebhookFilter()
    #expect(filter.passes(hit))
    (filter.rule, filter.market, filter.token, filter.user) = ("whale", "m", "t", "u")
    filter.minimumSeverity = .high
    #expect(filter.passes(hit))
    for change in changes {
      var miss = hit
      change(&miss)
      #expect(!filter.passes(miss))
    }
    hit.severity = .critical
    #expect(filter.passes(hit))
    let id = try add("a") { $0.filter = filter }
    #expect(try reader().webhooks().first?.filter == filter)
    hit.id = digest(77)
    try journal.append(signal: signal(2))
    try journal.append(signal: hit)
    try journal.commit()
    #expect(try due(id).map { $0.signal?.rule } == ["whale"])
  }

  @Test("deliveries come in the order in which they are due, and only then")
  func order() throws {
    let id = try add("a")
    for seq in 1...4 { try journal.append(signal: signal(Int64(seq))) }
    try journal.commit()
    let ids = try due(id).map(\.id)
    try journal.apply([
      result(ids[0], .retry(at: 9_000_000_000_000), status: 500, "the receiver answered 500"),
      result(ids[1], .retry(at: 8_000_000_000_000)),
      result(ids[2], .delivered, status: 200), result(999, .delivered),
    ])
    try journal.commit()
    #expect(try due(id).map(\.id) == [ids[3], ids[1], ids[0]])
    #expect(try due(id, at: 8_500_000_000_000).map(\.id) == [ids[3], ids[1]])
    #expect(try due(id, limit: 1).map(\.id) == [ids[3]])
    #expect(try reader().nextDelivery(of: id, after: 8_000_000_000_000) == 9_000_000_000_000)
    #expect(try reader().nextDelivery(of: id, after: 9_000_000_000_000) == nil)
    // Who resumes a webhook need not wait.
    #expect(try journal.resume(webhook: "a", at: 7_000_000_000_000))
    try journal.commit()
    #expect(try due(id, at: 7_000_000_000_000).map(\.id).sorted() == [ids[0], ids[1], ids[3]])
    let last = try #require(try due(id).first { $0.id == ids[0] })
    #expect(last.attempts == 1 && last.status == 500 && last.reason == "the receiver answered 500")
  }

  @Test("no number of a delivery or a webhook is given twice: results come when the row is long gone")
  func numbers() throws {
    let id = try add("a")
    try journal.append(signal: signal(1))
    try journal.commit()
    let first = try due(id).map(\.id)
    try journal.apply([result(first[0], .delivered)])
    try journal.append(signal: signal(2))
    try journal.commit()
    #expect(try due(id).map(\.id) == [first[0] + 1])
    #expect(try journal.remove(webhook: "a"))
    #expect(try add("a") == id + 1)
  }

  @Test("what was given up is shown with its reason, and can be sent again, one or all")
  func resend() throws {
    let id = try add("a")
    for seq in 1...3 { try journal.append(signal: signal(Int64(seq))) }
    try journal.commit()
    let ids = try due(id).map(\.id)
    try journal.apply(ids.map { result($0, .dead(at: 50), status: 404, "gone") })
    try journal.commit()
    #expect(try due(id).isEmpty)
    let counts = try reader().deliveryCounts(of: id)
    #expect(counts.waiting == 0 && counts.dead == 3)
    let dead = try reader().deliveries(of: id, isDead: true, limit: 2)
    #expect(dead.map(\.id) == [ids[2], ids[1]])
    #expect(dead.allSatisfy { $0.deadMilliseconds == 50 && $0.reason == "gone" && $0.attempts == 1 })
    #expect(try journal.resend(delivery: ids[0], at: 70))
    #expect(try journal.resend(delivery: ids[0], at: 70) == false)
    #expect(try journal.resend(webhook: id, at: 80) == 2)
    try journal.commit()
    let again = try due(id)
    #expect(again.map(\.createdMilliseconds) == [70, 80, 80] && again.allSatisfy { $0.attempts == 0 })
  }

  @Test("a receiver that is gone gets nothing any more, and one that is paused later what waits")
  func disabling() throws {
    let (gone, paused) = (try add("gone"), try add("paused"))
    try journal.append(signal: signal(1))
    try journal.commit()
    try journal.disable(webhook: gone, at: 60, reason: "the receiver answered 410", isGone: true)
    try journal.disable(webhook: paused, at: 60, reason: "paused")
    try journal.append(signal: signal(2))
    try journal.commit()
    #expect(try due(gone).isEmpty && due(paused).count == 1)
    let dead = try reader().deliveries(of: gone, isDead: true, limit: 9)
    #expect(dead.map(\.reason) == ["the receiver answered 410"])
    let records = try reader().webhooks()
    #expect(records.map(\.reason) == ["the receiver answered 410", "paused"])
    #expect(records.map(\.disabledMilliseconds) == [60, 60])
  }

  @Test("a delivery whose signal has been deleted says so")
  func retention() throws {
    let id = try add("a")
    try journal.append(signal: signal(1, time: 1))
    try journal.append(signal: signal(2, time: 9_000))
    try journal.commit()
    while try journal.prune(olderThan: 5_000, maximumRows: nil) > 0 {}
    #expect(try due(id).map { $0.signal?.seq } == [nil, 2])
  }

  @Test("the outbox keeps the newest of what waits and of what was given up")
  func trimming() throws {
    let (first, second) = (try add("a"), try add("b"))
    for seq in 1...6 { try journal.append(signal: signal(Int64(seq))) }
    try journal.commit()
    try journal.trimOutbox(at: 100, waiting: 4, dead: 3)
    try journal.commit()
    for id in [first, second] { #expect(try due(id).map(\.number) == [3, 4, 5, 6]) }
    let dead = try [first, second].flatMap { try reader().deliveries(of: $0, isDead: true, limit: 9) }
    #expect(dead.count == 3 && dead.allSatisfy { $0.reason == "too many waited" })
    try journal.trimOutbox(at: 101 + Journal.deadDeliveryLife, waiting: 4, dead: 3)
    try journal.commit()
    let counts = try reader().deliveryCounts(of: first)
    #expect(counts.waiting == 4 && counts.dead == 0)
  }
}

/// A webhook for all signals.
func webhook(_ name: String) -> WebhookRecord {
  WebhookRecord(
    name: name, url: "https://h.example/\(name)", format: .json, secret: [UInt8](repeating: 7, count: 32),
    createdMilliseconds: 11)
}

private func result(
  _ delivery: Int64, _ outcome: WebhookResult.Outcome, status: Int? = nil, _ reason: String? = nil
) -> WebhookResult {
  WebhookResult(delivery: delivery, outcome: outcome, status: status, reason: reason)
}
