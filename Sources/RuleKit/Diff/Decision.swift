/// What kept a rule from a signal that another version of it gave.
public struct Decision: Hashable, Sendable {
  /// The ways in which a rule can be kept from a signal.
  public enum Kind: String, Sendable {
    /// A condition of a hook.
    case condition
    /// A condition of the header's `where`.
    case header = "where"
    /// A condition of the `where` of a window, so that the order is in no group.
    case window
    /// An earlier signal holds its key.
    case folded
    /// The hook failed.
    case failed
    /// The rule was out of service.
    case quarantined
    /// There is no such rule.
    case absent
    /// The hook was not called.
    case notCalled = "not_called"
    /// The hook ended, and no condition that it met stood in the way.
    case unknown
  }

  /// Which way it was.
  public var kind: Kind
  /// The rules that say nothing.
  public var side: DiffSide
  /// The file of the rule.
  public var file: String
  /// The line that decided, nil when none did.
  public var line: Int?
  /// What decided, the same for every event: a condition without its values.
  public var text: String

  /// What stands over the signals that it decided about: `sweep.lua:31  b.n < R.params.min_fills`.
  public var heading: String {
    let place = file + (line.map { ":\($0)" } ?? "") + (side == .before ? " (before)" : "")
    return "\(place)  \(text)"
  }
}
