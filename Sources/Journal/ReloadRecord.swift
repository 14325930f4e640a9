/// One change of the rule set, or an attempt at one, and how it ended.
public struct ReloadRecord: Equatable, Sendable {
  /// The `outcome` of a rule that is called again after a quarantine; version and files are as they were.
  public static let resumed = "resumed"

  /// The hash that names the version that was to run.
  public var version: String
  /// The version that ran before; nil at a start.
  public var previous: String?
  /// Sequence number of the last event before it.
  public var seq: Int64
  /// When it ended, ms since 1970 UTC by the wall clock; nothing depends on it.
  public var createdMilliseconds: Int64
  /// `running`, `rejected`, `rolled_back`, `partial` or `started`; `resumed` when a rule left its quarantine.
  public var outcome: String
  /// Why it was not taken as it is, nil when it was; of `resumed` the rule.
  public var reason: String?

  /// Everything about one change.
  public init(
    version: String, previous: String?, seq: Int64, createdMilliseconds: Int64, outcome: String,
    reason: String? = nil
  ) {
    self.version = version
    self.previous = previous
    self.seq = seq
    self.createdMilliseconds = createdMilliseconds
    self.outcome = outcome
    self.reason = reason
  }

  /// The rows of `ReloadStatements.reloadsQuery`, at most so many.
  static func all(_ query: Statement, newest count: Int) throws(JournalError) -> [ReloadRecord] {
    query.bind(Int64(max(count, 0)))
    var records: [ReloadRecord] = []
    while try query.step() { records.append(ReloadRecord(query)) }
    return records
  }

  /// The rows of `ReloadStatements.versionsRunQuery`, at most so many.
  static func versions(_ query: Statement, newest count: Int) throws(JournalError) -> [String] {
    query.bind(Int64(max(count, 0)))
    var versions: [String] = []
    while try query.step() { versions.append(query.text(0) ?? "") }
    return versions
  }

  /// Reads the current row of `SELECT version, previous, seq, created_ms, outcome, reason`.
  init(_ row: Statement) {
    version = row.text(0) ?? ""
    previous = row.text(1)
    seq = row.integer(2)
    createdMilliseconds = row.integer(3)
    outcome = row.text(4) ?? ""
    reason = row.text(5)
  }
}
