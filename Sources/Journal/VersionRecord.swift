/// One version of the rule set, and what became of it.
public struct VersionRecord: Equatable, Sendable {
  /// The hash that names the version.
  public var version: String
  /// Sequence number of the first event it ran on, or would have.
  public var firstSeq: Int64
  /// When it was first seen, ms since 1970 UTC by the wall clock; nothing depends on it.
  public var createdMilliseconds: Int64
  /// `running`, `rejected` or any other word of the engine's.
  public var outcome: String
  /// How many rules it holds.
  public var ruleCount: Int64
  /// Why it was rejected, nil when it was not.
  public var reason: String?

  /// Everything about one version.
  public init(
    version: String, firstSeq: Int64, createdMilliseconds: Int64, outcome: String, ruleCount: Int64,
    reason: String? = nil
  ) {
    self.version = version
    self.firstSeq = firstSeq
    self.createdMilliseconds = createdMilliseconds
    self.outcome = outcome
    self.ruleCount = ruleCount
    self.reason = reason
  }
}
