/// What a rule left behind at a batch: its own state and its dedup memory, as the engine encoded them.
public struct RuleState: Equatable, Sendable {
  /// Version of the rule set that wrote it.
  public var version: String
  /// Sequence number of the last event it has seen.
  public var seq: Int64
  /// The rule's `state` table.
  public var state: [UInt8]
  /// Which keys are held, and until when.
  public var dedup: [UInt8]
  /// What the engine remembers of its failures, in a form of its own; empty when there is nothing.
  public var failures: String
  /// Version of the form of `state`, as the rule declares it.
  public var stateVersion: Int64
  /// Event time (ms since 1970 UTC) up to which the rule's signals are `warming`; nil when it is warm.
  public var warmingUntil: Int64?

  /// A rule's state as of an event.
  public init(
    version: String, seq: Int64, state: [UInt8], dedup: [UInt8], failures: String = "",
    stateVersion: Int64 = 1, warmingUntil: Int64? = nil
  ) {
    self.version = version
    self.seq = seq
    self.state = state
    self.dedup = dedup
    self.failures = failures
    self.stateVersion = stateVersion
    self.warmingUntil = warmingUntil
  }
}
