import CRuleVM
import OrderFlow

/// What one rule made of one batch.
struct RuleResults {
  /// Signals in the order they were emitted.
  var drafts: [SignalDraft] = []
  /// For each signal of a hook other than on_order, what called it.
  var events: [HookEvent] = []
  var failures: [RuleFailure] = []
  /// The order in the batch at which the rule was quarantined, nil while it runs.
  var quarantinedAt: Int32?

  mutating func removeAll() {
    drafts.removeAll(keepingCapacity: true)
    events.removeAll(keepingCapacity: true)
    failures.removeAll(keepingCapacity: true)
    quarantinedAt = nil
  }
}

/// What a hook other than on_order was called for: a timer's tick, a window's end, a match of a sequence.
struct HookEvent {
  /// Its identity in the rule.
  var name: String
  /// Event time, ms.
  var time: Int64
  /// Place in the batch of the order that it came before, or that completed a match.
  var index: Int32
  /// Whether that order is the one that it is about.
  var hasOrder = false
  /// What a signal's evidence, key, market, token and side are when it does not say.
  var evidence: [Int64] = []
  var key, market, token, side: String?
}

/// A signal as the rule said it, before identity, defaults and folding.
struct SignalDraft {
  /// Place in the batch of the order it belongs to, or that it comes before.
  var index: Int32
  var ordinal: Int32
  /// The timer's tick, window's end or match; nil when an order alone triggered it.
  var event: String?
  /// Whether an order triggered it, whose fields are then the defaults.
  var hasOrder: Bool
  var time: Int64
  var severity: Severity?
  var confidence: Double?
  var hold: Int64?
  var title: String
  var key, market, token, side, action, data: String?
  var evidence: [Int64]

  /// A signal of on_order, or of another hook that was called for `event`.
  init(_ signal: crv_signal, event: HookEvent? = nil) {
    index = event?.index ?? signal.index
    self.event = event?.name
    hasOrder = event?.hasOrder ?? true
    time = event?.time ?? 0
    ordinal = signal.ordinal
    severity = Severity(rawValue: Int(signal.severity))
    confidence = signal.confidence < 0 ? nil : signal.confidence
    hold = signal.hold < 0 ? nil : signal.hold
    title = SignalDraft.text(signal.title) ?? ""
    key = SignalDraft.text(signal.key) ?? event?.key
    market = SignalDraft.text(signal.market) ?? event?.market
    token = SignalDraft.text(signal.token) ?? event?.token
    side = SignalDraft.text(signal.side) ?? event?.side
    action = SignalDraft.text(signal.action)
    data = SignalDraft.text(signal.data)
    let given = Array(UnsafeBufferPointer(start: signal.evidence, count: signal.evidence_count))
    evidence = given.isEmpty ? event?.evidence ?? [] : given
  }

  private static func text(_ text: crv_text) -> String? {
    guard let bytes = text.bytes else { return nil }
    return String(decoding: UnsafeRawBufferPointer(start: bytes, count: text.count), as: UTF8.self)
  }
}

/// A call that the watchdog ended: in a replay it is repeated at the same event, not timed.
public struct Kill: Hashable, Sendable {
  /// The rule.
  public var rule: String
  /// The hook that was called.
  public var hook: String
  /// Journal number of the event.
  public var seq: Int64

  /// A kill as a failure reported it.
  public init(rule: String, hook: String, seq: Int64) {
    self.rule = rule
    self.hook = hook
    self.seq = seq
  }
}

/// What a rule has done since it was loaded.
public struct RuleTotals: Sendable, Equatable {
  /// The rule.
  public var rule: String
  /// Times a hook was called.
  public var calls: UInt64 = 0
  /// Signals that fired; folded ones are not counted.
  public var signals: UInt64 = 0
  /// Errors and kills.
  public var errors: UInt64 = 0
  /// Calls that the watchdog ended; among the errors.
  public var kills: UInt64 = 0
  /// CPU time, nanoseconds.
  public var nanoseconds: UInt64 = 0
  /// Orders that came too late for a window or sequence of the rule.
  public var tooLate: UInt64 = 0
  /// Groups and pending keys that a window or sequence dropped to stay inside its caps.
  public var droppedGroups: UInt64 = 0
  /// Absences given up because a stretch of the feed was lost and not read again in time.
  public var undecidedAbsences: UInt64 = 0
  /// Ticks of timers that were not made up for after a jump of the clock.
  public var skippedTicks: UInt64 = 0
  /// The most memory its VM has had, bytes.
  public var memoryPeak: Int = 0
  /// Whether it was taken out of service.
  public var isQuarantined = false
  /// Before this event time, ms, its windows lack what the journal no longer had; nil when they lack nothing.
  public var warmingUntil: Int64?

  init(rule: String) { self.rule = rule }
}
