public import OrderFlow

/// A signal that two rule sets do not agree about.
public struct SignalDifference: Sendable {
  /// In what way.
  public enum Kind: String, CaseIterable, Sendable {
    /// Only the rules before give it.
    case gone
    /// Only the rules after give it.
    case new
    /// Both say it of the same key, at different events of which the later would be folded into the earlier.
    case moved
    /// Both give it, with different fields.
    case changed
  }

  /// In what way.
  public var kind: Kind
  /// The signal of the rules before, nil of a new one.
  public var before: Signal?
  /// The signal of the rules after, nil of one that is gone.
  public var after: Signal?
  /// The fields that changed.
  public var changes: [FieldChange] = []
  /// What kept the other rules from it; nil of a changed one, and where nobody looked.
  /// What decided, and with which values; nil where nobody looked or nothing can be said.
  public var reading: DecisionReader.Reading?
  /// What the price did after it, nil when nobody asked or there is no later price.
  public var outcome: PriceOutcome?

  /// The earlier signal of the two.
  public var shown: Signal? {
    guard let before, let after else { return before ?? after }
    return isEarlier ? after : before
  }

  /// Whether a moved signal now comes before the event it came at.
  public var isEarlier: Bool {
    guard let before, let after else { return false }
    return after.seq < before.seq
  }

  /// The side that says nothing at the event of `shown`, nil of a changed signal.
  public var silentSide: DiffSide? {
    switch kind {
    case .gone: .after
    case .new: .before
    case .moved: isEarlier ? .before : .after
    case .changed: nil
    }
  }
}
