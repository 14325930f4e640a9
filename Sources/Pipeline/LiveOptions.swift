public import Broadcast
public import Feeds
public import Journal
public import OrderFlow
public import RuleEngine

/// What a live run does.
public struct LiveOptions: Sendable {
  /// The journal; made when it is missing.
  public var journal: String
  /// What a committed batch survives.
  public var durability = Durability.full
  /// The rules folder, which is read again on a reload.
  public var rules: String
  /// How rules that change meanwhile come in.
  public var reload = ReloadOptions()
  /// Parameters from outside, by rule and name.
  public var parameters: [String: [String: String]] = [:]
  /// How the engine runs.
  public var engine = Engine.Options()
  /// Where events come from.
  public var feeds: [FeedSettings]
  /// Whether the wall brings the clock forward on a quiet feed; not for recordings that play at another speed.
  public var ticks = true
  /// What the journal keeps; nil keeps everything.
  public var retention: Retention?
  /// Most items that wait for the engine.
  public var queueLimit = 8192
  /// Where the control socket is; nil: none.
  public var controlSocket: String?
  /// The API that is served beside the run; nil: none.
  public var api: BroadcastOptions?
  /// Whether a run without its API is none; else it is said, and the run goes on.
  public var needsAPI = false
  /// Where the run's metrics go; nil: nothing is measured for them.
  public var metrics: PrometheusRegistry?
  /// Gets signals once they are committed, in order, on the engine's thread: it must not take long.
  public var sink: @Sendable ([NumberedSignal]) -> Void = { _ in }

  /// What a journal keeps: it is cut when a run begins, and every minute while it goes on.
  public struct Retention: Sendable, Equatable {
    /// Age in days of event time, behind the newest signal.
    public var days: Int?
    /// Rows of each table.
    public var rows: Int?

    /// Both limits hold where both are given.
    public init(days: Int?, rows: Int?) {
      self.days = days
      self.rows = rows
    }
  }

  /// The parts that have no default.
  public init(journal: String, rules: String, feeds: [FeedSettings]) {
    self.journal = journal
    self.rules = rules
    self.feeds = feeds
  }
}
