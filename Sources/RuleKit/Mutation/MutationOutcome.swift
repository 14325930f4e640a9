/// What the tests made of a mutant.
public enum MutationOutcome: Hashable, Sendable {
  /// A test failed.
  case killed(by: String)
  /// In a test it took longer than the rule may, or than anybody waits.
  case overtime(by: String)
  /// All tests passed that come by it, of which there were so many.
  case survived(ran: Int)
  /// It does not load, for this reason: it says nothing about the tests.
  case invalid(String)

  /// The word of reports.
  public var name: String {
    switch self {
    case .killed: "killed"
    case .overtime: "overtime"
    case .survived: "survived"
    case .invalid: "invalid"
    }
  }
}
