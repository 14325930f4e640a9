import Journal
import NIOCore

/// Where one subscriber stands: what it has been sent, and whether it takes it. Knows no socket and no clock.
struct SubscriberState {
  /// What is to be done next.
  enum Step {
    /// These bytes are to be sent, which hold so many signals.
    case send(ByteBuffer, signals: Int)
    /// Nothing of this window passed, and there is more behind it.
    case skip
    /// The next signals are to be read from the journal.
    case readStore
    /// It has everything.
    case wait
  }

  /// What a look at the clock comes to.
  enum Duty: Equatable {
    case nothing
    case heartbeat
    case close(StreamEnd)
  }

  let request: StreamRequest
  let kind: StreamKind
  private let limits: StreamLimits
  /// Every signal up to this number has been sent, or does not pass the filter.
  private(set) var cursor: Int64
  /// The journal is being read for it.
  private(set) var isReading = false
  private(set) var sentAt: UInt64
  /// Since when the connection takes nothing, while there may be something.
  private(set) var stalledSince: UInt64?
  private var missedBytes = 0
  private var missedUpTo: Int64 = 0

  /// A subscriber that has every signal up to `cursor`.
  init(_ request: StreamRequest, kind: StreamKind, cursor: Int64, limits: StreamLimits, now: UInt64) {
    self.request = request
    self.kind = kind
    self.limits = limits
    self.cursor = cursor
    sentAt = now
  }

  /// The next bytes, out of the newest signals; only for a connection that takes them.
  mutating func next(_ maker: inout BatchMaker, _ now: UInt64) -> Step {
    if isReading || cursor >= maker.window.last { return .wait }
    if cursor < maker.window.floor {
      isReading = true
      return .readStore
    }
    let batch = maker.batch(after: cursor, request.filter, kind)
    cursor = batch.reached
    guard let bytes = batch.bytes else { return cursor < maker.window.last ? .skip : .wait }
    sentAt = now
    return .send(bytes, signals: batch.count)
  }

  /// Notes what a reading of the journal brought: everything up to `reached`.
  mutating func didRead(upTo reached: Int64, hasSent: Bool, _ now: UInt64) {
    isReading = false
    cursor = max(cursor, reached)
    if hasSent { sentAt = now }
  }

  /// Notes that something was sent that is no signal.
  mutating func didSend(_ now: UInt64) { sentAt = now }

  /// Notes whether the connection takes anything.
  mutating func note(isWritable: Bool, _ now: UInt64) {
    if isWritable {
      stalledSince = nil
      missedBytes = 0
    } else if stalledSince == nil {
      stalledSince = now
      missedUpTo = cursor
    }
  }

  /// What is due now, for a connection that takes what it is given.
  func check(_ now: UInt64) -> Duty {
    now >= sentAt &+ limits.heartbeat.inNanoseconds ? .heartbeat : .nothing
  }

  /// What is due now, for a connection that takes nothing; `window` is what there is to pass by it.
  mutating func check(missing window: StreamWindow, _ now: UInt64) -> Duty {
    guard let stalledSince else { return check(now) }
    let waited = now &- min(stalledSince, now)
    if waited >= limits.patience.inNanoseconds { return .close(.slow(cursor)) }
    var place = window.place(after: missedUpTo)
    while place < window.entries.count, missedBytes <= limits.patienceBytes {
      let entry = window.entries[place]
      place += 1
      missedUpTo = entry.number
      if request.filter.matches(entry.signal) { missedBytes += entry.frame(kind).readableBytes }
    }
    let isOver = missedBytes > limits.patienceBytes && waited >= limits.leastPatience.inNanoseconds
    return isOver ? .close(.slow(cursor)) : .nothing
  }
}

extension Duration {
  /// Whole nanoseconds; nought for a negative span.
  var inNanoseconds: UInt64 {
    let (seconds, attoseconds) = components
    guard seconds >= 0 else { return 0 }
    let (whole, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? .max / 2 : min(whole &+ UInt64(max(attoseconds, 0) / 1_000_000_000), .max / 2)
  }
}
