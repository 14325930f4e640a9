public import Feeds
public import RuleEngine

/// Where a live run stands: what `status` and the live view show.
public struct LiveStatus: Sendable {
  /// The journal.
  public var journal = ""
  /// `full` or `normal`.
  public var durability = ""
  /// Version of the rule set that runs.
  public var version = ""
  /// When the run began, ms since 1970 by the wall clock.
  public var startedAt: Int64 = 0
  /// Orders that reached the rules in this run.
  public var orders: UInt64 = 0
  /// Signals that fired in this run, and repeats folded into them.
  public var signals: UInt64 = 0
  /// Repeats folded into signals in this run.
  public var folded: UInt64 = 0
  /// Repeated orders dropped in this run.
  public var duplicates: UInt64 = 0
  /// Messages that could not be read in this run.
  public var rejected: UInt64 = 0
  /// Those of them that are stored for people to look at.
  public var deadLetters: UInt64 = 0
  /// Rows that were deleted because the journal is not to keep them, in this run.
  public var pruned: UInt64 = 0
  /// When the journal was last looked through for such rows, ms since 1970 by the wall clock; nil when it keeps all.
  public var prunedAt: Int64?
  /// Orders a second over the last seconds.
  public var rate = 0.0
  /// The number of the last event in the journal.
  public var lastSequence: Int64 = 0
  /// Event time of the newest order, ms since 1970; nil before the first.
  public var clock: Int64?
  /// How far the newest order's event time is behind the wall clock, ms; nil before the first.
  public var lag: Int64?
  /// How long no order has come, ms; nil before the first of this run.
  public var silence: Int64?
  /// Received to committed and handed on, microseconds: median and 99th percentile of the last seconds.
  public var latency: (median: Double, p99: Double)?
  /// Items and bytes that wait for the engine.
  public var queued = 0
  /// Most items that may wait.
  public var queueLimit = 0
  /// Bytes that wait for the engine.
  public var queuedBytes = 0
  /// Why nothing can be stored at the moment; nil when all is well.
  public var diskTrouble: String?
  /// What became of the last reload; empty before the first.
  public var lastReload = ""
  /// How the rule set has changed in this run.
  public var reload = ReloadStatus()
  /// Each feed, in the order of the configuration.
  public var feeds: [FeedStatus] = []
  /// What each rule has done in this run, in rule order.
  public var rules: [RuleTotals] = []
  /// Where the API listens, as a URL; nil when there is none.
  public var api: String?
  /// Resident memory, bytes.
  public var memory = 0

  /// A run that has not begun.
  public init() {}
}
