/// Watches what one HTTP connection takes: how long its heads and bodies are in coming, and how large the heads are.
///
/// While an answer is under way there is no limit of time here: it may be a stream.
struct RequestClock {
  /// A limit that was passed.
  enum Excess: Equatable {
    case slowHead
    case slowBody
    case largeHead
    /// There was no request for too long: nobody waits for an answer.
    case idle
  }

  private enum Reading {
    /// Between requests.
    case nothing(since: Duration)
    case head(since: Duration, bytes: Int)
    case body(since: Duration)
  }

  private let limits: RequestLimits
  private var reading: Reading
  /// The requests that are not answered in full.
  private(set) var unanswered = 0

  init(_ limits: RequestLimits, now: Duration) {
    self.limits = limits
    reading = .head(since: now, bytes: 0)
  }

  /// Whether a body is being read.
  var isInBody: Bool {
    if case .body = reading { true } else { false }
  }

  /// When ``tick(now:)`` wants to be called next; nil while there is no limit.
  var deadline: Duration? {
    switch reading {
    case .body(let since): since + limits.bodyTime
    case .nothing(let since) where unanswered == 0: since + limits.idleTime
    case .head(let since, _) where unanswered == 0: since + limits.headTime
    default: nil
    }
  }

  /// Bytes came; call it before they are decoded.
  mutating func received(_ count: Int, now: Duration) {
    switch reading {
    case .nothing: reading = .head(since: now, bytes: count)
    case .head(let since, let bytes): reading = .head(since: since, bytes: bytes &+ count)
    case .body: break
    }
  }

  /// Whether the bytes that were decoded leave a head that is too large; call it after they are decoded.
  var excess: Excess? {
    if case .head(_, let bytes) = reading, bytes > limits.headBytes { .largeHead } else { nil }
  }

  /// A head is complete.
  mutating func headEnded(now: Duration) {
    reading = .body(since: now)
    unanswered += 1
  }

  /// A request is complete, with its body.
  mutating func requestEnded(now: Duration) { reading = .nothing(since: now) }

  /// An answer is complete. The waiting for the next request begins, also when some of it has come before.
  mutating func answered(now: Duration) {
    unanswered = max(0, unanswered - 1)
    switch reading {
    case .nothing: reading = .nothing(since: now)
    case .head(_, let bytes): reading = .head(since: now, bytes: bytes)
    case .body: break
    }
  }

  /// The time goes on.
  func tick(now: Duration) -> Excess? {
    guard let deadline, now >= deadline else { return nil }
    switch reading {
    case .body: return .slowBody
    case .nothing: return .idle
    case .head(_, let bytes): return bytes > 0 ? .slowHead : .idle
    }
  }
}
