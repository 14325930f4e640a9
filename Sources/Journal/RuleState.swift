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
  /// Names the definitions of its windows, in a form of the engine's; empty when unknown.
  public var windows: String
  /// When the rule left the rule set, ms since 1970 UTC by the wall clock; nil while it runs.
  public var removedMilliseconds: Int64?

  /// A rule's state as of an event.
  public init(
    version: String, seq: Int64, state: [UInt8], dedup: [UInt8], failures: String = "",
    stateVersion: Int64 = 1, warmingUntil: Int64? = nil, windows: String = ""
  ) {
    self.version = version
    self.seq = seq
    self.state = state
    self.dedup = dedup
    self.failures = failures
    self.stateVersion = stateVersion
    self.warmingUntil = warmingUntil
    self.windows = windows
  }

  static let columns =
    "version, seq, state, dedup, failures, state_version, warming_until, windows, removed_ms"

  /// Reads the current row of a query for `columns`.
  init(_ row: Statement) {
    self.init(
      version: row.text(0) ?? "", seq: row.integer(1), state: row.blob(2), dedup: row.blob(3),
      failures: row.text(4) ?? "", stateVersion: row.integer(5),
      warmingUntil: row.isNull(6) ? nil : row.integer(6), windows: row.text(7) ?? "")
    removedMilliseconds = row.isNull(8) ? nil : row.integer(8)
  }
}
