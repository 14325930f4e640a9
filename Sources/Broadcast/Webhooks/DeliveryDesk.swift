internal import Journal

/// Decides what is sent when: the state of all deliveries that were taken from the outbox.
///
/// Each webhook has a lane of its own, with so few deliveries under way that all lanes together stay within the
/// limit: no lane ever waits for another.
struct DeliveryDesk {
  /// A delivery to be sent now.
  struct Job: Sendable {
    var delivery: WebhookDelivery
    var webhook: WebhookRecord
  }

  /// What to write into the journal.
  struct Batch: Sendable {
    var results: [WebhookResult] = []
    /// Webhooks whose receivers want nothing any more, and since when.
    var gone: [Int64: Int64] = [:]
    /// What was in hand and will not be any more.
    var deliveries: [Int64: Set<Int64>] = [:]
    var isEmpty: Bool { results.isEmpty && gone.isEmpty }
    /// Whether something is due at another time than a look before it was written has shown.
    var changesPlans: Bool {
      !gone.isEmpty || results.contains { if case .retry = $0.outcome { true } else { false } }
    }
  }

  private struct Lane {
    var webhook: WebhookRecord
    var stock: [WebhookDelivery] = []
    var hasMore = true
    var next: Int64?
    var quietUntil = Int64.min
    var isGone = false
  }

  /// Most deliveries under way to one webhook, and to all.
  static let perWebhook = 4
  static let total = 64
  /// Deliveries of a lane that are taken from the outbox ahead of their turn.
  static let stock = 16
  /// Results that wait to be written; nothing more is sent while there are as many.
  static let heldResults = 1024

  let schedule: DeliverySchedule
  private var lanes: [Int64: Lane] = [:]
  private var inHand: [Int64: Set<Int64>] = [:]
  private var batch = Batch()
  /// Also of webhooks that have lost their lane meanwhile.
  private var underWay: [Int64: Int] = [:]
  private var allUnderWay = 0

  init(schedule: DeliverySchedule) { self.schedule = schedule }

  /// Whether nobody is to be sent anything.
  var isIdle: Bool { lanes.isEmpty }

  // MARK: Looking

  /// What to look for.
  func order(now: Int64, counts: Bool) -> OutboxLook.Order {
    OutboxLook.Order(
      now: now, room: lanes.mapValues { max(DeliveryDesk.stock - $0.stock.count, 0) },
      usual: DeliveryDesk.stock, inHand: inHand, counts: counts)
  }

  /// Whether a lane has run out of what it had, and there may be more.
  func isLookDue(now: Int64) -> Bool {
    lanes.values.contains { lane in
      lane.stock.count < DeliveryDesk.perWebhook && (lane.hasMore || lane.next.map { $0 <= now } ?? false)
        && now >= lane.quietUntil
    }
  }

  /// When to look, or to send, next; nil: when there is news.
  func nextWake(after now: Int64) -> Int64? {
    lanes.values.compactMap { lane in
      if lane.quietUntil > now { return lane.quietUntil }
      // A lane that still has some is looked for when it has run out.
      guard let next = lane.next, next > now, lane.stock.count < DeliveryDesk.perWebhook else { return nil }
      return next
    }.min()
  }

  /// Takes what a look found. Webhooks that are not there any more lose their lane.
  mutating func take(_ look: OutboxLook) {
    var found: [Int64: Lane] = [:]
    for seen in look.lanes {
      let id = seen.webhook.id
      var lane = lanes[id] ?? Lane(webhook: seen.webhook)
      lane.webhook = seen.webhook
      lane.stock += seen.due
      lane.hasMore = seen.hasMore
      lane.next = seen.next
      for delivery in seen.due { inHand[id, default: []].insert(delivery.id) }
      found[id] = lane
    }
    for (id, lane) in lanes where found[id] == nil {
      // What is under way stays in hand until its answer is written.
      for delivery in lane.stock { inHand[id]?.remove(delivery.id) }
      if inHand[id]?.isEmpty ?? false { inHand[id] = nil }
    }
    lanes = found
  }

  // MARK: Sending

  /// What to send now.
  mutating func start(now: Int64) -> [Job] {
    let limit = min(DeliveryDesk.perWebhook, max(DeliveryDesk.total / max(lanes.count, 1), 1))
    var jobs: [Job] = []
    for id in lanes.keys.sorted() {
      guard var lane = lanes[id] else { continue }
      while underWay[id, default: 0] < limit, allUnderWay < DeliveryDesk.total, !lane.stock.isEmpty,
        !lane.isGone,
        now >= lane.quietUntil, batch.results.count < DeliveryDesk.heldResults
      {
        let delivery = lane.stock.removeFirst()
        if delivery.signal == nil {
          give(
            WebhookResult(
              delivery: delivery.id, outcome: .dead(at: now), status: nil,
              reason: "the signal is not in the journal any more"), id)
          continue
        }
        underWay[id, default: 0] += 1
        allUnderWay += 1
        jobs.append(Job(delivery: delivery, webhook: lane.webhook))
      }
      lanes[id] = lane
    }
    return jobs
  }

  /// Takes the answer to a job, and says what follows from it.
  mutating func finish(
    _ job: Job, _ answer: DeliverySchedule.Answer, now: Int64, random: inout some RandomNumberGenerator
  ) -> DeliverySchedule.Verdict {
    end(job)
    let id = job.webhook.id
    let verdict = schedule.verdict(
      answer, attempts: job.delivery.attempts, created: job.delivery.createdMilliseconds, now: now,
      random: &random)
    var result = WebhookResult(delivery: job.delivery.id, outcome: .delivered, status: nil, reason: nil)
    switch answer {
    case .status(let status, _):
      result.status = status
      result.reason = "the receiver answered \(status)"
    case .failed(let reason): result.reason = reason
    }
    switch verdict {
    case .delivered: break
    case .retry(let time, let quiet):
      result.outcome = .retry(at: time)
      if var lane = lanes[id] {
        if let quiet { lane.quietUntil = max(lane.quietUntil, quiet) }
        lane.next = min(lane.next ?? time, time)
        lanes[id] = lane
      }
    case .dead: result.outcome = .dead(at: now)
    case .gone:
      result.outcome = .dead(at: now)
      lanes[id]?.isGone = true
      batch.gone[id] = now
    }
    give(result, id)
    return verdict
  }

  /// Forgets until when receivers asked to be left alone.
  mutating func endQuiet() { for id in lanes.keys { lanes[id]?.quietUntil = .min } }

  /// Notes that a job was given up before there was an answer; the delivery still waits in the outbox.
  mutating func abandon(_ job: Job) {
    end(job)
    inHand[job.webhook.id]?.remove(job.delivery.id)
  }

  private mutating func end(_ job: Job) {
    let left = underWay[job.webhook.id, default: 1] - 1
    underWay[job.webhook.id] = left > 0 ? left : nil
    allUnderWay -= 1
  }

  private mutating func give(_ result: WebhookResult, _ webhook: Int64) {
    batch.results.append(result)
    batch.deliveries[webhook, default: []].insert(result.delivery)
  }

  // MARK: Writing

  /// What is to be written; it stays in hand until `noteWritten`.
  mutating func takeBatch() -> Batch {
    defer { batch = Batch() }
    return batch
  }

  /// The journal has it: a look that begins now sees it.
  mutating func noteWritten(_ written: Batch) {
    for webhook in written.gone.keys {
      for delivery in lanes.removeValue(forKey: webhook)?.stock ?? [] { inHand[webhook]?.remove(delivery.id) }
    }
    for (webhook, deliveries) in written.deliveries {
      inHand[webhook]?.subtract(deliveries)
      if inHand[webhook]?.isEmpty ?? false { inHand[webhook] = nil }
    }
  }

  /// It could not be written and is to be written again.
  mutating func noteNotWritten(_ failed: Batch) {
    batch.results = failed.results + batch.results
    batch.gone.merge(failed.gone) { new, _ in new }
    batch.deliveries.merge(failed.deliveries) { $0.union($1) }
  }
}
