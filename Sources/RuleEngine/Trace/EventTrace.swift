/// What one rule did at one event.
public struct EventTrace: Equatable, Sendable {
  /// What a probe told.
  public struct Point: Equatable, Sendable {
    /// Number of the probe in the instrumented text.
    public var probe: Int
    /// The value that it saw; nil of a probe without one.
    public var value: ProbeValue
    /// Whether a forcing took the value's place.
    public var isForced: Bool
  }

  /// What became of a signal that the rule emitted.
  public enum Verdict: Equatable, Sendable {
    case fired(id: String)
    /// It was folded into an earlier one.
    case folded(id: String, into: String)
  }

  /// One call of a hook.
  public struct Call: Equatable, Sendable {
    /// `on_order`, `on_timer`…
    public var hook: String
    /// What the probes told, in order.
    public var points: [Point] = []
    /// The steps of the match that it was called with, and their orders' journal numbers.
    public var steps: [(name: String, seq: Int64)] = []
    /// The groups that it looked at.
    public var groups: [GroupSnapshot] = []
    /// Its signals.
    public var verdicts: [Verdict] = []
    /// Why it ended early, nil when it did not.
    public var failure: String?

    /// Compares everything.
    public static func == (left: Call, right: Call) -> Bool {
      left.hook == right.hook && left.points == right.points && left.groups == right.groups
        && left.verdicts == right.verdicts && left.failure == right.failure
        && left.steps.elementsEqual(right.steps) { $0 == $1 }
    }
  }

  /// What a window made of the order.
  public struct WindowOutcome: Equatable, Sendable {
    /// Its name.
    public var name: String
    /// Its own conditions.
    public var conditions: [ConditionOutcome]
    /// The order's group, this order included; nil when the window did not take it.
    public var group: GroupSnapshot?
  }

  /// The calls of hooks, in order.
  public var calls: [Call] = []
  /// The conditions of the rule's own `where`; empty when the event is no order.
  public var conditions: [ConditionOutcome] = []
  /// What the windows made of it; empty when the event is no order.
  public var windows: [WindowOutcome] = []
  /// Whether the rule was out of service.
  public var isQuarantined = false
  /// Whether the probes told more than fits.
  public var isTruncated = false

  /// Nothing was done.
  public init() {}
}

/// Puts a boolean in the place of the value that a probe sees.
public struct ProbeForcing: Hashable, Sendable {
  /// Number of the probe.
  public var probe: Int
  /// Which of its calls in the event, from 1.
  public var occurrence: Int
  /// The value.
  public var truth: Bool

  /// Forces one call of a probe.
  public init(probe: Int, occurrence: Int, truth: Bool) {
    self.probe = probe
    self.occurrence = occurrence
    self.truth = truth
  }
}
