internal import Journal
internal import Logging
internal import Net
internal import OrderFlow

/// What the sender does after each event: look, send, write, sleep. Belongs to the task that runs the sender.
struct WebhookRound {
  /// Something that happened.
  enum Event: Sendable {
    case news
    case woke(Int64)
    case looked(Result<OutboxLook, JournalError>)
    /// nil: it was given up before there was an answer.
    case answered(DeliveryDesk.Job, DeliverySchedule.Answer?)
    case written(DeliveryDesk.Batch, EditFailure?)
  }

  /// Between two looks, ms: so that a flood of signals is looked up in batches.
  private static let lookEvery: Int64 = 20
  /// After something went wrong with the journal, ms.
  private static let troubleEvery: Int64 = 1000
  private static let countEvery: Int64 = 5000
  private static let trimEvery: Int64 = 60_000

  private let sender: WebhookSender
  private var desk: DeliveryDesk
  private var clients: Clients?
  private var random = SystemRandomNumberGenerator()

  private var hasNews = true
  private var isLooking = false
  private var isWriting = false
  private var lookAfter = Int64.min
  private var writeAfter = Int64.min
  private var countAfter = Int64.min
  private var trimAfter = Int64.min
  private var wakes: Set<Int64> = []
  /// The time of the last step.
  private var seen: Int64 = 0
  private var failing: Set<String> = []
  private var readTrouble: String?
  private var writeTrouble: String?

  /// One client for each kind of webhook: connections that were opened for one never serve the other.
  private struct Clients {
    let open = HTTPClient(addresses: .publicOnly, connectionsPerHost: DeliveryDesk.total)
    let own = HTTPClient(addresses: .any, connectionsPerHost: DeliveryDesk.total)
  }

  init(_ sender: WebhookSender) {
    self.sender = sender
    desk = DeliveryDesk(schedule: sender.options.schedule)
  }

  /// Whether new signals are no news.
  var isIdle: Bool { desk.isIdle && readTrouble == nil && !hasNews }

  private var now: Int64 { sender.options.clock() }

  // MARK: Events

  mutating func take(_ event: Event) {
    switch event {
    case .news: hasNews = true
    case .woke(let time): wakes.remove(time)
    case .looked(let result):
      isLooking = false
      take(result)
    case .answered(let job, let answer): take(job, answer)
    case .written(let batch, let failure):
      isWriting = false
      if let failure {
        desk.noteNotWritten(batch)
        writeAfter = now &+ WebhookRound.troubleEvery
        note("what became of deliveries cannot be stored: \(failure)", \.writeTrouble)
      } else {
        desk.noteWritten(batch)
        note(nil, \.writeTrouble)
        // A look that began before this does not know when they are due.
        if batch.changesPlans { hasNews = true }
      }
    }
  }

  private mutating func take(_ result: Result<OutboxLook, JournalError>) {
    switch result {
    case .success(let look):
      desk.take(look)
      note(look.problem.map { "nothing is sent to webhooks: \($0)" }, \.readTrouble)
      if look.problem != nil { retryLook() }
      for name in look.disabled { sender.counts.update(name) { $0.isEnabled = false } }
      for lane in look.lanes {
        sender.counts.update(lane.webhook.name) { counts in
          counts.isEnabled = true
          if let waiting = lane.waiting { counts.waiting = waiting }
        }
      }
      if look.problem == nil { sender.counts.keep(Set(look.disabled + look.lanes.map(\.webhook.name))) }
    case .failure(let error):
      note("the outbox cannot be read: \(error)", \.readTrouble)
      retryLook()
    }
  }

  private mutating func retryLook() {
    hasNews = true
    lookAfter = now &+ WebhookRound.troubleEvery
  }

  /// Says what is wrong once, not each time that it is tried.
  private mutating func note(_ text: String?, _ trouble: WritableKeyPath<WebhookRound, String?>) {
    if let text, text != self[keyPath: trouble] { sender.log.error("\(text)") }
    self[keyPath: trouble] = text
  }

  private mutating func take(_ job: DeliveryDesk.Job, _ answer: DeliverySchedule.Answer?) {
    guard let answer else { return desk.abandon(job) }
    let verdict = desk.finish(job, answer, now: now, random: &random)
    let name = job.webhook.name
    sender.counts.update(name) { counts in
      counts.sent += 1
      if verdict == .delivered { counts.delivered += 1 } else { counts.failed += 1 }
      if verdict == .dead || verdict == .gone { counts.dead += 1 }
    }
    say(verdict, answer, job.webhook)
  }

  private mutating func say(
    _ verdict: DeliverySchedule.Verdict, _ answer: DeliverySchedule.Answer, _ webhook: WebhookRecord
  ) {
    let what =
      switch answer {
      case .status(let status, _): "\(SafeURL(originOf: webhook.url).text) answered \(status)"
      case .failed(let reason): reason
      }
    let name = webhook.name
    switch verdict {
    case .delivered:
      sender.log.debug("webhook \(name): \(what)")
      if failing.remove(name) != nil { sender.log.notice("webhook \(name) takes signals again") }
    case .retry:
      // Of a receiver that is away only the first is told.
      let isNews = failing.insert(name).inserted
      sender.log.log(level: isNews ? .warning : .debug, "webhook \(name): \(what); it is tried again")
    case .dead: sender.log.warning("webhook \(name): \(what); the delivery is given up")
    case .gone: sender.log.warning("webhook \(name): \(what); it is disabled")
    }
  }

  // MARK: Work

  /// Starts all that can be started.
  mutating func step(_ group: inout TaskGroup<Event>) {
    let now = now
    if now < seen &- WebhookRound.troubleEvery { clockWasSetBack() }
    seen = now
    look(now, &group)
    for job in desk.start(now: now) { send(job, &group) }
    write(now, &group)
    sleep(now, &group)
  }

  /// What was put off until a time that is far away now is due.
  private mutating func clockWasSetBack() {
    (lookAfter, writeAfter, countAfter, trimAfter) = (.min, .min, .min, .min)
    wakes = []
    hasNews = true
    desk.endQuiet()
  }

  private mutating func look(_ now: Int64, _ group: inout TaskGroup<Event>) {
    guard !isLooking, now >= lookAfter, hasNews || desk.isLookDue(now: now) else { return }
    isLooking = true
    hasNews = false
    lookAfter = now &+ WebhookRound.lookEvery
    let counts = now >= countAfter
    if counts { countAfter = now &+ WebhookRound.countEvery }
    let (journal, order) = (sender.journal, desk.order(now: now, counts: counts))
    group.addTask {
      await DetachedThread.run {
        .looked(Result { () throws(JournalError) in try OutboxLook.read(journal: journal, order) })
      }
    }
  }

  private mutating func send(_ job: DeliveryDesk.Job, _ group: inout TaskGroup<Event>) {
    let clients = clients ?? Clients()
    self.clients = clients
    let client = job.webhook.allowsPrivate ? clients.own : clients.open
    let options = sender.options
    group.addTask { .answered(job, await WebhookPost.send(job, through: client, options)) }
  }

  private mutating func write(_ now: Int64, _ group: inout TaskGroup<Event>) {
    guard !isWriting, now >= writeAfter else { return }
    let trims = (!desk.isIdle || readTrouble != nil) && now >= trimAfter
    let batch = desk.takeBatch()
    if batch.isEmpty && !trims { return }
    isWriting = true
    if trims { trimAfter = now &+ WebhookRound.trimEvery }
    let edit = sender.edit
    group.addTask { .written(batch, await WebhookRound.write(batch, trimAt: trims ? now : nil, edit)) }
  }

  private static func write(
    _ batch: DeliveryDesk.Batch, trimAt now: Int64?, _ edit: WebhookSender.Edit
  ) async -> EditFailure? {
    do throws(EditFailure) {
      try await edit { journal throws(JournalError) in
        try journal.apply(batch.results)
        for (webhook, time) in batch.gone {
          try journal.disable(webhook: webhook, at: time, reason: "the receiver answered 410", isGone: true)
        }
        if let now { try journal.trimOutbox(at: now) }
      }
      return nil
    } catch {
      return error
    }
  }

  /// Sleeps until there is something to do without news.
  private mutating func sleep(_ now: Int64, _ group: inout TaskGroup<Event>) {
    var times: [Int64] = []
    if hasNews || desk.isLookDue(now: now), !isLooking { times.append(lookAfter) }
    if writeAfter > now { times.append(writeAfter) }
    if let next = desk.nextWake(after: now) { times.append(max(next, lookAfter)) }
    // Not for longer: the clock may be set.
    guard let next = times.min().map({ min(max($0, now + 1), now + 60_000) }) else { return }
    if let first = wakes.min(), first <= next { return }
    wakes.insert(next)
    group.addTask {
      try? await Task.sleep(for: .milliseconds(next - now))
      return .woke(next)
    }
  }

  /// Notes what is known, and lets go of the connections.
  mutating func end() async {
    let batch = desk.takeBatch()
    if !batch.isEmpty { _ = await WebhookRound.write(batch, trimAt: nil, sender.edit) }
    clients?.open.shutdown()
    clients?.own.shutdown()
  }
}
