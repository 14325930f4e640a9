import Feeds
import Glibc
import Journal
import RuleEngine
import Synchronization

/// What the engine thread tells the others, and what they ask of it.
final class LiveBoard: Sendable {
  /// What the engine is asked to do between two batches; `answer` is called once.
  enum Request: Sendable {
    /// Puts a rule set in the place of the one that runs.
    case swap(SwapPlan, answer: @Sendable (SwapPlan.Answer) -> Void)
    /// Keeps and says what became of an attempt that changed nothing.
    case note(ReloadOutcome, answer: @Sendable () -> Void)
    /// Hands out what rules hold in `state`; a rule that cannot say is left out.
    case states(of: [String], answer: @Sendable ([String: SavedRule]) -> Void)

    /// Writes something else into the journal, in a transaction of its own.
    case edit(@Sendable (Journal) throws(JournalError) -> Void, answer: @Sendable (EditOutcome) -> Void)

    /// Calls a rule again that is quarantined.
    case resume(String, answer: @Sendable (ResumeOutcome) -> Void)

    /// Answers that the run is over.
    func decline() {
      switch self {
      case .swap(_, let answer): answer(.over)
      case .note(_, let answer): answer()
      case .states(_, let answer): answer([:])
      case .edit(_, let answer): answer(.over)
      case .resume(_, let answer): answer(.over)
      }
    }
  }

  /// What became of an edit.
  enum EditOutcome: Sendable {
    case done
    case failed(JournalError)
    /// The run is over.
    case over
  }

  /// What became of a quarantined rule that was to be called again.
  enum ResumeOutcome: Sendable {
    /// It will be, and the journal knows it.
    case done
    /// It is not quarantined.
    case unchanged
    /// There is no such rule.
    case missing
    /// Its state cannot be kept.
    case refused(RuleProblem)
    /// The run is over.
    case over
  }

  private struct State: ~Copyable {
    var status = LiveStatus()
    var meter = LiveMeter()
    var requests: [Request] = []
    var isOver = false
    var isEnding = false
    var publishedAt: UInt64 = 0
    var lastOrderAt: UInt64?
  }

  private let state = Mutex(State())
  let feeds: [FeedBoard]

  init(feeds: [FeedBoard]) { self.feeds = feeds }

  /// Where everything stands now.
  var snapshot: LiveStatus {
    var status = state.withLock { state in
      var status = state.status
      status.rate = state.meter.rate(MonotonicClock.now())
      status.latency = state.meter.latency
      status.silence = state.lastOrderAt.map { Int64((MonotonicClock.now() - $0) / 1_000_000) }
      return status
    }
    status.feeds = feeds.map(\.snapshot)
    status.duplicates = status.feeds.reduce(0) { $0 + $1.duplicates }
    status.rejected = status.feeds.reduce(0) { $0 + $1.rejected }
    status.lag = status.clock.map { WallClock.now() - $0 }
    status.memory = LiveBoard.residentMemory()
    return status
  }

  /// Version of the rule set that runs; empty before the first.
  var version: String { state.withLock { $0.status.version } }

  /// The rules as they were shown last, with their version.
  var rules: (version: String, totals: [RuleTotals]) {
    state.withLock { ($0.status.version, $0.status.rules) }
  }

  /// Why nothing can be stored; nil when all is well.
  var diskTrouble: String? { state.withLock { $0.status.diskTrouble } }

  func update(_ change: (inout LiveStatus) -> Void) { state.withLock { change(&$0.status) } }

  /// Notes what was committed.
  func note(_ now: UInt64, orders: Int, signals: Int, deadLetters: Int, latencies: [UInt64]) {
    state.withLock { state in
      state.meter.note(now, orders: orders, latencies: latencies)
      state.status.orders += UInt64(orders)
      if orders > 0 { state.lastOrderAt = now }
      state.status.signals += UInt64(signals)
      state.status.deadLetters += UInt64(deadLetters)
    }
  }

  /// Notes that the journal was looked through for what it is not to keep.
  func notePruned(_ rows: Int) {
    let now = WallClock.now()
    state.withLock { state in
      state.status.pruned += UInt64(rows)
      state.status.prunedAt = now
    }
  }

  /// Notes that the disk takes nothing, or that it does again; true when that is news.
  @discardableResult
  func noteDisk(_ trouble: String?) -> Bool {
    state.withLock { state in
      let isNews = (state.status.diskTrouble == nil) != (trouble == nil)
      state.status.diskTrouble = trouble
      return isNews
    }
  }

  /// Shows where the engine stands, a few times a second; at once when something has changed that people wait for.
  func publish(_ engine: Engine, _ depth: LiveQueue.Depth, atOnce: Bool = false) {
    state.withLock { state in
      state.status.queued = depth.items
      state.status.queuedBytes = depth.bytes
      let now = MonotonicClock.now()
      guard atOnce || now >= state.publishedAt + 100_000_000 else { return }
      state.publishedAt = now
      state.status.version = engine.version
      state.status.lastSequence = engine.lastSequence
      state.status.clock = engine.clock == .min ? nil : engine.clock
      state.status.folded = engine.folded
      state.status.rules = engine.totals
    }
  }

  /// The run is to end: whoever waits for the disk gives up.
  var isEnding: Bool { state.withLock { $0.isEnding } }

  /// Notes that the run is to end.
  func noteEnding() { state.withLock { $0.isEnding = true } }

  // MARK: Requests

  /// Whether the engine has ended.
  var isOver: Bool { state.withLock { $0.isOver } }

  /// Puts a request in; one that nobody can follow any more is answered at once.
  func ask(_ request: Request) {
    let isOver = state.withLock { state in
      if !state.isOver { state.requests.append(request) }
      return state.isOver
    }
    if isOver { request.decline() }
  }

  /// Notes that the engine has ended, and answers whoever waits for it.
  func end() {
    let waiting = state.withLock { state in
      defer { state.requests = [] }
      state.isOver = true
      return state.requests
    }
    for request in waiting { request.decline() }
  }

  func takeRequests() -> [Request] {
    state.withLock { state in
      defer { state.requests = [] }
      return state.requests
    }
  }

  /// Resident memory of this process, bytes (`/proc/self/statm`, second field, in pages).
  static func residentMemory() -> Int {
    guard let file = fopen("/proc/self/statm", "re") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard fgets(&line, 128, file) != nil else { return 0 }
    let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let fields = text.split(separator: " ")
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))) : 0
  }
}
