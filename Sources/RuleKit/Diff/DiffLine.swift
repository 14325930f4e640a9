public import OrderFlow

/// A line of a report for people, in which a severity may stand that gets its colour.
public struct DiffLine: Equatable, Sendable {
  /// What stands in front.
  public var lead: String
  /// The severity, nil in a line without one.
  public var severity: Severity?
  /// What stands behind it.
  public var rest: String

  init(_ lead: String, _ severity: Severity? = nil, _ rest: String = "") {
    self.lead = lead
    self.severity = severity
    self.rest = rest
  }

  /// The line without colour.
  public var text: String { lead + (severity?.name ?? "") + rest }
}
