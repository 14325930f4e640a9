/// How one rule does in this run.
public struct RuleStanding: Sendable, Equatable {
  /// The rule's id: the name of its file.
  public var id: String
  /// Whether it is not called any more after too many failures.
  public var isQuarantined = false
  /// Until when its windows have not seen as much as they reach back, event time in ms; nil: they have.
  public var warmingUntil: Int64?
  /// Calls of its hooks.
  public var calls: UInt64 = 0
  /// Signals that it emitted.
  public var signals: UInt64 = 0
  /// Calls that failed, those that were killed included.
  public var errors: UInt64 = 0
  /// Calls that were stopped because they took too long or too much.
  public var kills: UInt64 = 0
  /// Time in its hooks, ns.
  public var nanoseconds: UInt64 = 0
  /// The most memory that it has held, bytes.
  public var memoryPeak: Int = 0
  /// Orders too old for its windows.
  public var tooLate: UInt64 = 0
  /// Groups that its windows dropped because there were too many.
  public var droppedGroups: UInt64 = 0

  /// A rule that has done nothing yet.
  public init(id: String) { self.id = id }
}
