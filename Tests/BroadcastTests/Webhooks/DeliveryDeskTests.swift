import Journal
import OrderFlow
import Testing

@testable import Broadcast

@Suite struct DeliveryDeskTests {
  private var random = FixedRandom(value: .max)
  private var desk = DeliveryDesk(schedule: DeliverySchedule())

  private func hook(_ id: Int64) -> WebhookRecord {
    var webhook = WebhookRecord(
      name: "w\(id)", url: "https://h/\(id)", format: .json, secret: WebhookSecret.make(),
      createdMilliseconds: 0)
    webhook.id = id
    return webhook
  }

  private func delivery(_ id: Int64, of webhook: Int64, hasSignal: Bool = true) -> WebhookDelivery {
    WebhookDelivery(
      id: id, webhook: webhook, number: id, signal: hasSignal ? signal(Int(id)) : nil,
      createdMilliseconds: 0)
  }

  private func look(_ lanes: [Int64: [Int64]], hasMore: Bool = false, next: Int64? = nil) -> OutboxLook {
    var look = OutboxLook()
    for id in lanes.keys.sorted() {
      look.lanes.append(
        OutboxLook.Lane(
          webhook: hook(id), due: (lanes[id] ?? []).map { delivery($0, of: id) }, hasMore: hasMore, next: next
        ))
    }
    return look
  }

  @Test("four at a time go to one webhook, in order, whatever the others do")
  mutating func lanes() {
    desk.take(look([1: Array(10...19), 2: [20]]))
    let jobs = desk.start(now: 0)
    #expect(jobs.map(\.delivery.id) == [10, 11, 12, 13, 20])
    #expect(desk.start(now: 0).isEmpty)
    // The first is slow; the second gets all of its own.
    desk.take(look([1: [], 2: [21, 22]]))
    #expect(desk.start(now: 0).map(\.delivery.id) == [21, 22])
    _ = desk.finish(jobs[0], .status(200, retryAfter: nil), now: 1, random: &random)
    #expect(desk.start(now: 1).map(\.delivery.id) == [14])
  }

  @Test("all lanes together stay within the limit, and each has at least one place")
  mutating func share() {
    let all = Dictionary(uniqueKeysWithValues: (1...64).map { (Int64($0), [Int64]((1...9).map { $0 + 0 })) })
    desk.take(look(all))
    #expect(Set(desk.start(now: 0).map(\.webhook.id)).count == 64)
    desk.take(look(Dictionary(uniqueKeysWithValues: (1...20).map { (Int64($0), [Int64(100)]) })))
    #expect(desk.start(now: 0).isEmpty)
  }

  @Test("what was taken is not looked for until its result is written")
  mutating func inHand() {
    desk.take(look([1: [10, 11]]))
    #expect(desk.order(now: 5, counts: false).inHand == [1: [10, 11]])
    let jobs = desk.start(now: 0)
    _ = desk.finish(jobs[0], .status(200, retryAfter: nil), now: 1, random: &random)
    let batch = desk.takeBatch()
    #expect(batch.results.map(\.outcome) == [.delivered] && desk.takeBatch().isEmpty)
    #expect(desk.order(now: 5, counts: false).inHand == [1: [10, 11]])
    desk.noteNotWritten(batch)
    let again = desk.takeBatch()
    #expect(again.results == batch.results)
    desk.noteWritten(again)
    #expect(desk.order(now: 5, counts: false).inHand == [1: [11]])
    desk.abandon(jobs[1])
    #expect(desk.order(now: 5, counts: false).inHand[1] ?? [] == [])
  }

  @Test("a webhook that is gone from the journal loses what waits, and what is under way still counts")
  mutating func removal() {
    desk.take(look([1: Array(10...15)]))
    let jobs = desk.start(now: 0)
    desk.take(look([:]))
    #expect(desk.isIdle && desk.order(now: 0, counts: false).inHand == [1: [10, 11, 12, 13]])
    // Resumed: it has no place until an answer comes.
    desk.take(look([1: [14]]))
    #expect(desk.start(now: 0).isEmpty)
    _ = desk.finish(jobs[0], .failed("x"), now: 1, random: &random)
    #expect(desk.start(now: 0).map(\.delivery.id) == [14])
  }

  @Test("after 410 nothing more is sent, and the journal is told")
  mutating func gone() {
    desk.take(look([1: Array(10...15)]))
    let jobs = desk.start(now: 0)
    #expect(desk.finish(jobs[0], .status(410, retryAfter: nil), now: 7, random: &random) == .gone)
    #expect(desk.start(now: 8).isEmpty)
    let batch = desk.takeBatch()
    #expect(batch.gone == [1: 7])
    #expect(batch.results.map(\.outcome) == [.dead(at: 7)] && batch.results[0].status == 410)
  }

  @Test("a webhook that asks to be left alone is, as a whole")
  mutating func quiet() {
    desk.take(look([1: Array(10...15), 2: [20]], hasMore: true))
    let jobs = desk.start(now: 0)
    _ = desk.finish(jobs[0], .status(429, retryAfter: 60_000), now: 100, random: &random)
    #expect(desk.start(now: 60_099).isEmpty)
    #expect(desk.nextWake(after: 100) == 60_100)
    #expect(desk.start(now: 60_100).map(\.delivery.id) == [14])
  }

  @Test("a delivery without its signal is given up")
  mutating func noSignal() {
    var seen = look([1: []])
    seen.lanes[0].due = [delivery(10, of: 1, hasSignal: false), delivery(11, of: 1)]
    desk.take(seen)
    #expect(desk.start(now: 5).map(\.delivery.id) == [11])
    let result = desk.takeBatch().results.first
    #expect(result?.outcome == .dead(at: 5) && result?.reason == "the signal is not in the journal any more")
  }

  @Test("it is looked again when a lane runs out and there may be more, and woken when the next is due")
  mutating func waking() {
    desk.take(look([1: Array(10...25)], hasMore: true, next: 900))
    #expect(!desk.isLookDue(now: 0) && desk.nextWake(after: 0) == nil)
    #expect(desk.order(now: 0, counts: false).room == [1: 0])
    var jobs = desk.start(now: 0)
    while let job = jobs.popLast() {
      _ = desk.finish(job, .status(200, retryAfter: nil), now: 1, random: &random)
      jobs += desk.start(now: 1)
    }
    #expect(desk.isLookDue(now: 1) && desk.nextWake(after: 1) == 900)
    desk.take(look([1: []], next: 900))
    #expect(!desk.isLookDue(now: 1) && desk.isLookDue(now: 900) && desk.nextWake(after: 1) == 900)
  }

  @Test("while results cannot be written, not ever more is sent")
  mutating func fullDisk() {
    var sent = 0
    for round in 0..<500 {
      desk.take(look([1: (0..<16).map { Int64(round * 16 + $0) }]))
      for job in desk.start(now: 0) {
        sent += 1
        _ = desk.finish(job, .status(200, retryAfter: nil), now: 0, random: &random)
      }
    }
    #expect((1024...1028).contains(sent))
  }
}
