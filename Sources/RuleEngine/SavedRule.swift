public import OrderFlow

/// What a rule has to find again after a restart, besides what its windows get from the journal.
public struct SavedRule: Sendable, Equatable {
  /// The last event the rule has run over.
  public var seq: Int64
  /// The rule's `state`, encoded.
  public var state: [UInt8]
  /// Which keys are held by `dedup`, and until when.
  public var dedup: String
  /// Its recent errors, and whether it is quarantined.
  public var failures: String
  /// What the rule called the shape of its state.
  public var stateVersion: Int64 = 1
  /// Names the definitions of its windows; empty when unknown.
  public var windows = ""
  /// Before this event time its windows lack what the journal no longer had, ms; nil when they do not.
  public var warmingUntil: Int64?

  /// Whether the rule was out of service.
  public var isQuarantined: Bool {
    var window = FailureWindow()
    return window.restore(failures)
  }

  /// The parts as the journal keeps them.
  public init(seq: Int64, state: [UInt8], dedup: String, failures: String) {
    self.seq = seq
    self.state = state
    self.dedup = dedup
    self.failures = failures
  }

  /// A part of `dedup`: a key that a signal holds from its time (ms) on, for `hold` ms.
  public static func hold(
    key: String, id: Digest128, time: Int64, hold: Int64, severity: Severity, count: Int64
  ) -> String {
    SignalFolder.line(key: key, id: id, time: time, hold: hold, severity: severity, count: count)
  }
}
