import Logging
import NIOCore
import Synchronization

/// A feed over a WebSocket that misses nothing: it connects again, subscribes again, and reads back what was lost.
///
/// Two tasks: one holds the stream up, the other reads REST when the plan says so. Both send into the same
/// outlet, so that what comes twice is dropped in one place.
final class StreamFeed: Feed {
  let name: String
  private let dialect: any StreamDialect
  private let reader: RestReader?
  private let reconnect: ReconnectSettings
  private let board: FeedBoard
  private let plan: Mutex<RecoveryPlan>
  private let log: Logger
  private let wantsRefresh = Atomic(false)

  init(
    name: String, dialect: any StreamDialect, reader: RestReader?, recovery: RecoverySettings,
    reconnect: ReconnectSettings, board: FeedBoard, history: FeedHistory, log: Logger
  ) {
    self.name = name
    self.dialect = dialect
    self.reader = reader
    self.reconnect = reconnect
    self.board = board
    self.log = log
    plan = Mutex(RecoveryPlan(recovery, audited: history.audited, newestStored: history.newestStored))
  }

  func run(into outlet: any FeedOutlet) async throws(FeedError) {
    do {
      _ = try dialect.endpoint()
      // A watch list may be mended while the feed runs.
      if !dialect.dependsOnWatchList { _ = try dialect.subscriptions() }
    } catch {
      throw FeedError(.settings, "\(error)")
    }
    do {
      let gaps = plan.withLock { $0.gaps }
      board.update { $0.openGaps = UInt64(gaps.count) }
      for gap in gaps { try await outlet.send(.gap(described(gap, isFilled: false))) }
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await self.holdStream(outlet) }
        group.addTask { try await self.recover(outlet) }
        try await group.next()
        group.cancelAll()
      }
    } catch {
      // Cancelled: nobody takes any more.
    }
    board.update { status in
      status.state = .finished
      status.connectedSince = nil
    }
  }

  func refresh() {
    if dialect.dependsOnWatchList { wantsRefresh.store(true, ordering: .relaxed) }
  }

  /// Whether the subscriptions are to be made anew; true once for each request.
  func takeRefresh() -> Bool { wantsRefresh.exchange(false, ordering: .relaxed) }

  // MARK: The stream

  private func holdStream(_ outlet: any FeedOutlet) async throws {
    var backoff = Backoff(reconnect)
    var isFirst = true
    while !Task.isCancelled {
      board.update { status in
        status.state = .connecting
        if !isFirst { status.reconnects += 1 }
      }
      isFirst = false
      let session = StreamSession(dialect: dialect, owner: self, outlet: outlet, source: board.source)
      let reason = await session.run()
      try Task.checkCancellation()
      if session.wasLive { backoff.connected(session.liveSince) }
      try await lost(outlet)
      let delay = backoff.failed(FeedClock.now(), random: Double.random(in: 0...1))
      board.update { status in
        status.state = .waiting
        status.connectedSince = nil
        status.lastError = reason
      }
      log.warning("\(reason); trying again in \(StreamFeed.seconds(delay)) s")
      try await Task.sleep(nanoseconds: delay)
    }
  }

  private static func seconds(_ nanoseconds: UInt64) -> String {
    let tenths = nanoseconds / 100_000_000
    return "\(tenths / 10).\(tenths % 10)"
  }

  /// Notes that the stream is down or silent.
  func lost(_ outlet: any FeedOutlet) async throws {
    let now = FeedClock.now()
    let (lost, open) = plan.withLock { ($0.lost(now, clock: board.newestTime), $0.gaps.count) }
    guard let gap = lost else { return }
    board.update { status in
      status.gaps += 1
      status.openGaps = UInt64(open)
    }
    try await outlet.send(.gap(described(gap, isFilled: false)))
  }

  /// Notes that the stream is up.
  func back(_ outlet: any FeedOutlet) async throws {
    let gap = plan.withLock { $0.back(FeedClock.now(), clock: board.newestTime) }
    board.update { status in
      status.state = .live
      status.lastError = ""
      if status.connectedSince == nil { status.connectedSince = FeedClock.wall() }
    }
    log.info("live")
    if let gap { try await outlet.send(.gap(described(gap, isFilled: false))) }
  }

  func note(_ state: FeedStatus.State) { board.update { $0.state = state } }

  func noteMessage(isPayload: Bool) {
    board.update { status in
      status.messages += 1
      if isPayload { status.lastPayload = FeedClock.wall() }
    }
  }

  func noteResubscription(_ seconds: UInt64) {
    board.update { status in
      status.resubscriptions += 1
      status.state = .subscribing
      status.lastError = "no order for \(seconds) s: subscribed again"
    }
    log.warning("no order for \(seconds) s although the connection is up: subscribing again")
  }

  func noteNotice(_ text: String) {
    board.update { $0.lastError = "the server says: \(text)" }
    log.warning("the server says: \(text)")
  }

  private func described(_ gap: RecoveryPlan.Gap, isFilled: Bool) -> FeedGap {
    FeedGap(source: board.source, from: gap.from, to: gap.to, isBackfilled: isFilled, isEnded: gap.isEnded)
  }

  // MARK: What was lost

  private static let pollEvery: UInt64 = 100_000_000

  private func recover(_ outlet: any FeedOutlet) async throws {
    while !Task.isCancelled {
      try await Task.sleep(nanoseconds: StreamFeed.pollEvery)
      let now = FeedClock.now()
      if let clock = board.newestTime {
        let (open, ended) = plan.withLock { plan in
          plan.sample(now, clock: clock)
          return (plan.gaps.count, plan.takeEnded())
        }
        board.update { $0.openGaps = UInt64(open) }
        for gap in ended { try await outlet.send(.gap(described(gap, isFilled: false))) }
      }
      guard let reader, let due = plan.withLock({ $0.nextRead(now) }) else { continue }
      let outcome = try await reader.read(since: due.since) { try await self.pass($0, outlet) }
      try await prove(due, outcome.isComplete, outcome.newest, outlet)
    }
  }

  private func pass(_ read: RestRead, _ outlet: any FeedOutlet) async throws {
    // The stream has gone on meanwhile.
    if let clock = board.newestTime { plan.withLock { $0.sample(FeedClock.now(), clock: clock) } }
    let known = plan.withLock { $0 }
    for batch in read.finish(source: board.source, origin: { known.origin(ofTime: $0) }) {
      try await outlet.send(.rows(batch))
    }
  }

  /// Passes on what a read has proved; behind its rows, so that it is stored with or after them.
  private func prove(
    _ due: RecoveryPlan.Read, _ isComplete: Bool, _ newest: Int64?, _ outlet: any FeedOutlet
  ) async throws {
    let (proof, lag, open) = plan.withLock { plan in
      let proof = plan.finished(due, isComplete: isComplete, newest: newest, now: FeedClock.now())
      return (proof, plan.worstLag, plan.gaps.count)
    }
    board.update { status in
      status.worstRestLag = Int64(lag / 1_000_000)
      status.openGaps = UInt64(open)
      if let audited = proof.audited { status.audited = audited }
    }
    for gap in proof.filled { try await outlet.send(.gap(described(gap, isFilled: true))) }
    if let audited = proof.audited { try await outlet.send(.audited(source: board.source, time: audited)) }
  }
}
