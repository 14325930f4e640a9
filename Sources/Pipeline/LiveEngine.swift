import COrderFlow
import Feeds
import Glibc
import Journal
import Logging
import OrderFlow
import RuleEngine

/// The engine thread of a live run: takes what waits, runs the rules, commits, and only then passes signals on.
final class LiveEngine {
  let engine: Engine
  let journal: Journal
  private var store: LiveStore
  private let sources: [LiveSource]
  let queue: LiveQueue
  let board: LiveBoard
  private let options: LiveOptions
  private let log: Logger
  /// Gets what was committed, before the sink does.
  private let publish: ([NumberedSignal], [LiveChunk]) -> Void
  /// Nil when nobody wants to know.
  private let metrics: LiveMetrics?

  private var chunks: [LiveChunk] = []
  private var output = EngineOutput()
  private var received: [UInt64] = []
  /// Event time of the newest order that each feed has brought, new or not, by its number.
  private var newest: [UInt16: Int64] = [:]
  private var snapshotAt: UInt64 = 0
  private var snapshotSeq: Int64 = 0
  private var markAt: UInt64 = 0
  private var pruneAt: UInt64 = 0
  private var lastOrderAt: UInt64
  private var clockThen = Int64.min
  private var nextTickAt: UInt64
  /// The draft that is to take over.
  var catching: Catching?

  private static let mostEvents = 512
  private static let second: UInt64 = 1_000_000_000
  private static let snapshotEvery: UInt64 = 30 * second
  private static let markEvery: UInt64 = 5 * second
  private static let snapshotOrders: Int64 = 200_000

  /// Takes an engine that stands where the journal stands.
  init(
    _ prepared: LiveStart.Prepared, _ queue: LiveQueue, _ board: LiveBoard, _ options: LiveOptions,
    _ log: Logger, publish: @escaping ([NumberedSignal], [LiveChunk]) -> Void
  ) {
    self.publish = publish
    engine = prepared.engine
    journal = prepared.journal
    sources = prepared.sources
    store = LiveStore(journal: journal, names: sources.map(\.board.name))
    self.queue = queue
    self.board = board
    self.options = options
    self.log = log
    metrics = options.metrics.map { LiveMetrics($0) }
    lastOrderAt = MonotonicClock.now()
    nextTickAt = lastOrderAt + LiveEngine.second
    clockThen = engine.clock
  }

  /// Runs until the queue is closed and empty; throws what cannot get better by itself.
  func run() throws(JournalError) {
    // Who waits for a swap must hear, also when the run ends.
    defer { catching?.answer(.over) }
    try commit(saving: true)
    while let items = queue.receive(most: LiveEngine.mostEvents, until: nextTickAt) {
      take(items)
      tickIfQuiet()
      try followOrders()
      try catchUp()
      let isDue = MonotonicClock.now() >= snapshotAt + LiveEngine.snapshotEvery
      try commit(saving: isDue || engine.lastSequence - snapshotSeq > LiveEngine.snapshotOrders)
      board.publish(engine, queue.depth)
      try prune()
    }
    try commit(saving: true)
    board.publish(engine, queue.depth)
    try journal.close()
  }

  /// Deletes what the journal is not to keep, a little at a time.
  private func prune() throws(JournalError) {
    guard let retention = options.retention, MonotonicClock.now() >= pruneAt else { return }
    var cutoff: Int64?
    if let days = retention.days, engine.clock != .min { cutoff = engine.clock - Int64(days) * 86_400_000 }
    var deleted = 0
    do throws(JournalError) {
      deleted = try journal.prune(olderThan: cutoff, maximumRows: retention.rows, step: 500)
    } catch {
      // A disk in trouble is dealt with where orders are written.
      guard error.isTransientDisk else { throw error }
    }
    board.notePruned(deleted)
    // Again with the next batch while there is more, else after a minute.
    if deleted == 0 { pruneAt = MonotonicClock.now() + 60 * LiveEngine.second }
  }

  // MARK: A batch

  private func take(_ items: [FeedItem]) {
    var messages: [FeedMessage] = []
    for item in items {
      if case .message(let message) = item {
        if let first = messages.first, first.source != message.source { scan(&messages) }
        messages.append(message)
        continue
      }
      scan(&messages)
      switch item {
      case .rows(let rows): process(rows)
      case .gap(let gap): process(gap)
      case .audited(let source, let time): chunks.append(.audited(source: source, time: time))
      case .message: break
      }
    }
    scan(&messages)
  }

  private func source(_ number: UInt16) -> LiveSource? {
    number > 0 && Int(number) <= sources.count ? sources[Int(number) - 1] : nil
  }

  private func scan(_ messages: inout [FeedMessage]) {
    guard let first = messages.first else { return }
    for message in messages { received.append(message.receivedAt) }
    source(first.source)?.scan(messages) { process($0) }
    messages.removeAll(keepingCapacity: true)
  }

  private func process(_ rows: RowBatch) {
    if !rows.deadLetters.isEmpty {
      chunks.append(.rejected(rows.deadLetters))
      if let source = source(rows.source) {
        source.board.update { $0.rejected += UInt64(rows.deadLetters.count) }
      }
    }
    guard rows.count > 0 else { return }
    let given = rows.count
    let latest = rows.orders.reduce(Int64.min) { max($0, $1.time) }
    newest[rows.source] = max(newest[rows.source] ?? .min, latest)
    let isStream = rows.orders[0].origin == UInt8(BB_ORIGIN_STREAM)
    // What cannot be looked up is taken as new: the journal itself holds an identity only once.
    engine.process(
      rows.orders, isStored: { (try? self.journal.contains(identity: $0)) ?? false }, into: &output)
    if let source = source(rows.source) {
      FeedCounts(rows, given, output.orderCount, isStream: isStream).note(on: source.board)
    }
    chunks.append(.orders(rows, output))
    guard output.orderCount > 0 else { return }
    lastOrderAt = MonotonicClock.now()
    clockThen = engine.clock
    nextTickAt = lastOrderAt + LiveEngine.second
  }

  /// A lost stretch, and its filling, are events that rules see.
  private func process(_ gap: FeedGap) {
    let told = store.record(gap)
    let isNews = engine.gap(
      source: told.source, from: told.from, to: told.to, backfilled: told.backfilled, into: &output)
    chunks.append(.gap(gap, seq: isNews ? engine.lastSequence : nil, output))
  }

  /// On a quiet feed the wall brings the clock forward: by as much as has passed since the last order.
  ///
  /// Not while a feed is down: what it loses meanwhile is still to come, and must not find its windows closed.
  private func tickIfQuiet() {
    let now = MonotonicClock.now()
    guard now >= nextTickAt else { return }
    nextTickAt = now + LiveEngine.second
    guard options.ticks, clockThen != .min, !sources.contains(where: \.board.isDown) else { return }
    if engine.tick(clockThen + Int64((now - lastOrderAt) / 1_000_000), into: &output) {
      chunks.append(.tick(seq: engine.lastSequence, clock: engine.clock, output))
    }
  }

  // MARK: Committing

  /// Commits what was made; waits while the disk does not take it, and hands nothing on before it is stored.
  func commit(saving: Bool) throws(JournalError) {
    if chunks.isEmpty, !saving, !journal.hasUncommitted { return }
    while true {
      do throws(JournalError) {
        let began = metrics == nil ? 0 : MonotonicClock.now()
        let signals = try write(saving)
        finish(signals, began: began)
        return
      } catch {
        guard error.isTransientDisk else { throw error }
        try recover(from: error)
        if queue.isClosed || board.isEnding {
          log.error("the last events could not be stored: \(error)")
          throw error
        }
      }
    }
  }

  private func write(_ saving: Bool) throws(JournalError) -> [NumberedSignal] {
    let signals = try store.write(chunks)
    try journal.noteSeq(engine.lastSequence)
    try mark()
    if saving {
      for problem in try store.saveStates(of: engine) { log.error("\(problem)") }
    }
    try journal.commit()
    if saving {
      snapshotAt = MonotonicClock.now()
      snapshotSeq = engine.lastSequence
    }
    return signals
  }

  /// Notes now and then where the clock stands: windows are filled from the journal beginning at such a place.
  private func mark() throws(JournalError) {
    let now = MonotonicClock.now()
    guard engine.clock != .min, now >= markAt else { return }
    try journal.append(markAt: engine.lastSequence, clock: engine.clock)
    markAt = now + LiveEngine.markEvery
  }

  private func finish(_ signals: [NumberedSignal], began: UInt64) {
    let stored = metrics == nil ? 0 : MonotonicClock.now()
    board.noteDisk(nil)
    // What another feed had brought before is stored too.
    for (number, time) in newest { source(number)?.board.noteStored(time) }
    newest.removeAll(keepingCapacity: true)
    publish(signals, chunks)
    if !signals.isEmpty { options.sink(signals) }
    let now = MonotonicClock.now()
    var (orders, letters) = (0, 0)
    for chunk in chunks {
      orders += chunk.output?.orderCount ?? 0
      if case .rejected(let rejected) = chunk { letters += rejected.count }
    }
    let latencies = received.map { now &- $0 }
    board.note(now, orders: orders, signals: signals.count, deadLetters: letters, latencies: latencies)
    metrics?.note(orders: orders, commit: stored &- began, latencies: latencies)
    for (rule, text) in engine.takeLogs() {
      for line in text.split(separator: "\n") { log.info("[\(rule)] \(line)") }
    }
    chunks.removeAll(keepingCapacity: true)
    received.removeAll(keepingCapacity: true)
  }

  /// Rolls back and waits a second, during which nothing is taken in.
  private func recover(from failure: JournalError) throws(JournalError) {
    if board.noteDisk("\(failure)") {
      log.error("nothing can be stored, so nothing is taken in: \(failure)")
    }
    do throws(JournalError) { try journal.rollback() } catch {
      guard error.isTransientDisk else { throw error }
    }
    board.publish(engine, queue.depth)
    usleep(500_000)
  }

  // MARK: Orders from outside

  /// Does what was asked for between two batches.
  private func followOrders() throws(JournalError) {
    var requests = board.takeRequests()[...]
    // Who asks must hear, also when the run ends here.
    defer { for request in requests { request.decline() } }
    while let request = requests.first {
      try commit(saving: false)
      switch request {
      case .swap(let plan, let answer):
        // One at a time: whoever asks waits for the answer.
        catching = Catching(plan: plan, answer: answer, seen: engine.lastSequence)
      case .note(let outcome, let answer):
        try note(outcome)
        answer()
      case .states(let rules, let answer): answer(engine.savedStates(of: rules))
      case .edit(let body, let answer): answer(try edit(body))
      case .resume(let rule, let answer): answer(try resume(rule))
      }
      requests.removeFirst()
    }
  }

  /// Writes what somebody else wants kept; nothing of it is when that fails, and the run goes on.
  private func edit(
    _ body: (Journal) throws(JournalError) -> Void
  ) throws(JournalError) -> LiveBoard.EditOutcome {
    do throws(JournalError) {
      try body(journal)
      try journal.commit()
      return .done
    } catch {
      try? journal.rollback()
      return .failed(error)
    }
  }

  /// Adds a part to the transaction that is being made.
  func append(_ chunk: LiveChunk) { chunks.append(chunk) }
}
