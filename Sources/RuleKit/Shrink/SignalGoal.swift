public import OrderFlow

/// What a smaller flow must still give on its last event.
public struct SignalGoal: Sendable {
  /// The rule that says it.
  public var rule: String
  /// How much it matters.
  public var severity: Severity
  /// Its `data` when that must be the same, nil when any will do.
  public var data: String?

  /// What a signal is, in its severity and, when that `isExact`, in its data.
  public init(_ signal: Signal, isExact: Bool) {
    rule = signal.rule
    severity = signal.severity
    data = isExact ? signal.data : nil
  }

  /// Whether a signal is what is wanted.
  func isMet(by signal: Signal) -> Bool {
    signal.rule == rule && signal.severity == severity && (data == nil || signal.data == data)
  }
}
