/// How much a signal matters; the order of the cases is the order of severity.
public enum Severity: Int, CaseIterable, Comparable, Sendable {
  case info, low, medium, high, critical

  /// The severity with this name, nil when there is none.
  public init?(name: some StringProtocol) {
    guard let match = Severity.allCases.first(where: { $0.name == name }) else { return nil }
    self = match
  }

  /// The name rules and the journal use.
  public var name: String {
    switch self {
    case .info: "info"
    case .low: "low"
    case .medium: "medium"
    case .high: "high"
    case .critical: "critical"
    }
  }

  /// By how much they matter.
  public static func < (left: Severity, right: Severity) -> Bool { left.rawValue < right.rawValue }
}
