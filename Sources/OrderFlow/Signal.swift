/// What a rule says about the flow: the unit that is stored, printed and broadcast.
public struct Signal: Equatable, Sendable {
  /// Digest of rule, event identity and ordinal: the same signal has the same id in every run.
  public var id: Digest128
  /// The rule that fired.
  public var rule: String
  /// Version of the rule set it ran in.
  public var version: String
  /// Journal sequence number of the event that triggered it.
  public var seq: Int64
  /// Event time, ms since 1970 UTC.
  public var time: Int64
  /// How much it matters.
  public var severity: Severity
  /// One line for people.
  public var title: String
  /// What `dedup` folds by; empty when the rule gave none.
  public var key: String
  /// Market slug, nil when no order triggered it and the rule named none.
  public var market: String?
  /// Outcome token id.
  public var token: String?
  /// `BUY` or `SELL`.
  public var side: String?
  /// The wallet.
  public var user: String?
  /// How sure the rule is, 0 to 1.
  public var confidence: Double?
  /// What the rule proposes to do, in its own words.
  public var action: String?
  /// Canonical JSON of the rule's `data`, nil when it gave none.
  public var data: String?
  /// How many later repeats were folded into this signal.
  public var foldCount: Int64
  /// Sequence numbers of the orders that support it, ascending.
  public var evidence: [Int64]
  /// The order was behind the watermark when it arrived.
  public var late: Bool
  /// Whether an order triggered it; false for timers, closing windows and the engine's own signals.
  public var hasOrder: Bool
  /// The rule had not seen as much of the past yet as its windows reach back.
  public var warming = false
  /// The rule's windows reach over a stretch of a feed that was lost and not filled.
  public var dataGap = false

  /// A signal with nothing optional set.
  public init(
    id: Digest128, rule: String, version: String, seq: Int64, time: Int64, severity: Severity, title: String
  ) {
    self.id = id
    self.rule = rule
    self.version = version
    self.seq = seq
    self.time = time
    self.severity = severity
    self.title = title
    key = ""
    foldCount = 0
    evidence = []
    late = false
    hasOrder = false
  }
}
