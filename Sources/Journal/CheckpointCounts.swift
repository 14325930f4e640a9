/// What the background checkpoints of a journal did; their failures harm nothing but the length of the log.
public struct CheckpointCounts: Equatable, Sendable {
  /// Checkpoints that the thread has finished.
  public internal(set) var finished = 0
  /// Checkpoints that failed, on the thread or in a commit.
  public internal(set) var failed = 0
  /// Commits that waited for a checkpoint because the log had grown past its limit.
  public internal(set) var blocking = 0
  /// The last failure.
  public internal(set) var lastError: JournalError?
}
