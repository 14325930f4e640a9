import OrderFlow

extension Severity {
  /// The name in its colour.
  func coloured(_ isWanted: Bool) -> String { isWanted ? "\u{1B}[\(colour)m\(name)\u{1B}[0m" : name }

  private var colour: String {
    switch self {
    case .critical: "1;31"
    case .high: "31"
    case .medium: "33"
    case .low: "36"
    case .info: "2"
    }
  }
}
