/// What one test said about one text of a rule.
public enum MutationTrial: Equatable, Sendable {
  /// The test passes.
  case passed
  /// It fails: somebody would notice.
  case failed
  /// A call of the rule took longer than it may.
  case overtime
}
