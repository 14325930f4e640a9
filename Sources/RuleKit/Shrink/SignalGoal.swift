import Documents
public import OrderFlow

/// What a smaller flow must still give on its last event.
public struct SignalGoal: Sendable {
  /// The rule that says it.
  public var rule: String
  /// How much it matters.
  public var severity: Severity
  /// Its `data` when that must be the same, nil when the same names in it will do.
  public var data: String?
  /// What tells apart the things that a rule has to say with one severity: its side, its action, and the names in
  /// its data.
  private let side, action: String?
  private let names: Set<String>

  /// What a signal is, in its severity and, when that `isExact`, in its data.
  public init(_ signal: Signal, isExact: Bool) {
    rule = signal.rule
    severity = signal.severity
    data = isExact ? signal.data : nil
    (side, action) = (signal.side, signal.action)
    names = SignalGoal.names(signal)
  }

  /// Whether a signal is what is wanted.
  func isMet(by signal: Signal) -> Bool {
    signal.rule == rule && signal.severity == severity && (data == nil || signal.data == data)
      && signal.side == side && signal.action == action && names.isSubset(of: SignalGoal.names(signal))
  }

  private static func names(_ signal: Signal) -> Set<String> {
    guard let data = signal.data, case .object(let members)? = JSONValue(data.utf8) else { return [] }
    return Set(members.keys)
  }
}
