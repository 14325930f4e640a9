/// What a caller may do; each role includes the ones before it.
public enum Role: String, Sendable, CaseIterable, Comparable {
  /// Reads everything that is not secret.
  case viewer
  /// Also changes rules.
  case `operator`
  /// Also manages webhooks and tokens.
  case admin

  /// Orders roles by what they include.
  public static func < (lower: Role, higher: Role) -> Bool { lower.rank < higher.rank }

  private var rank: Int {
    switch self {
    case .viewer: 0
    case .operator: 1
    case .admin: 2
    }
  }
}
