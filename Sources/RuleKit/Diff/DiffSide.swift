/// Which of two rule sets that are held against each other.
public enum DiffSide: String, CaseIterable, Sendable {
  /// The one that is compared with, such as the running version.
  case before
  /// The one that is looked at, such as the working copy.
  case after
}
