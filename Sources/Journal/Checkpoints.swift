/// Who copies committed pages from the write-ahead log into the file.
public enum Checkpoints: Sendable {
  /// The commit that fills the log: simple, and now and then a slow commit.
  case inline
  /// A thread of its own, so that commits do not wait for it unless it falls far behind.
  case background
}
