import RuleEngine

/// How the rule set has changed in this run, and how it stands to the rules folder.
public struct ReloadStatus: Sendable {
  /// The last attempt that changed nothing.
  public struct Rejection: Sendable {
    /// The version that was to run; empty when the files could not be read.
    public var version: String
    /// `file:line: what is wrong and what to do`, one a problem.
    public var problems: [String]
  }

  /// Version of what is on the disk; nil when it cannot be read.
  public var diskVersion: String?
  /// Changes wait until `.hold` is removed.
  public var isHeld = false
  /// Versions that came into use, those without their bad files included.
  public var swaps: UInt64 = 0
  /// Attempts that changed nothing.
  public var rejections: UInt64 = 0
  /// Returns to an earlier version.
  public var rollbacks: UInt64 = 0
  /// How long events waited for the last swap, ns.
  public var pause: UInt64 = 0
  /// How long the last swap took from the first look at its files, ns.
  public var duration: UInt64 = 0
  /// Whether the last attempt took every file as it is on the disk, or went back as it was asked to.
  public var lastSucceeded = true
  /// The last rejection; nil since something else has come into use.
  public var rejection: Rejection?

  /// Nothing has changed yet.
  public init() {}
}

extension LiveStatus {
  /// Notes what became of an attempt.
  mutating func note(_ outcome: ReloadOutcome) {
    lastReload = outcome.text
    reload.lastSucceeded = outcome.kind != .rejected && outcome.kind != .partial
    switch outcome.kind {
    case .started, .unchanged: return
    case .rejected:
      reload.rejections += 1
      let problems = outcome.problems.map(\.description)
      reload.rejection = ReloadStatus.Rejection(
        version: outcome.version, problems: problems.isEmpty ? [outcome.reason ?? ""] : problems)
      return
    case .rolledBack: reload.rollbacks += 1
    case .running, .partial: reload.swaps += 1
    }
    reload.rejection =
      outcome.problems.isEmpty
      ? nil
      : ReloadStatus.Rejection(version: outcome.version, problems: outcome.problems.map(\.description))
    reload.pause = outcome.pause
    reload.duration = outcome.duration
  }
}
