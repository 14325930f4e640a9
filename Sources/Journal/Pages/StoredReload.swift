/// One attempt to change the rule set, as the journal keeps it.
public struct StoredReload: Equatable, Sendable {
  /// Counts up over all of them.
  public var id: Int64
  /// The version that was to run; empty when the files could not be read.
  public var version: String
  /// The version that ran before; nil at the start.
  public var previous: String?
  /// The last event before it.
  public var seq: Int64
  /// When it was, wall clock, ms since 1970 UTC.
  public var createdMilliseconds: Int64
  /// `started`, `running`, `partial`, `rolled_back`, `rejected` and the like.
  public var outcome: String
  /// Why it is not what it was meant to be; nil when it is.
  public var reason: String?

  static let columns = "id, version, previous, seq, created_ms, outcome, reason"

  init(_ row: Statement) {
    id = row.integer(0)
    version = row.text(1) ?? ""
    previous = row.text(2)
    seq = row.integer(3)
    createdMilliseconds = row.integer(4)
    outcome = row.text(5) ?? ""
    reason = row.text(6)
  }
}
