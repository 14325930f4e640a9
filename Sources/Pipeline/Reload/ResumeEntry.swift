import Journal
import RuleEngine

/// What the journal keeps of a rule that left its quarantine: a part of a transaction.
struct ResumeEntry {
  var rule: String
  /// The version of the rule set, which stays as it is.
  var version: String
  /// The last event before it.
  var seq: Int64
  /// Wall clock, ms.
  var createdAt: Int64
  /// What `Engine.resume` gave.
  var states: [String: SavedRule]

  /// Writes all of it.
  func write(to journal: Journal) throws(JournalError) {
    try journal.append(
      reload: ReloadRecord(
        version: version, previous: version, seq: seq, createdMilliseconds: createdAt,
        outcome: ReloadRecord.resumed, reason: rule))
    for (rule, saved) in states { try journal.saveState(rule: rule, version: version, saved) }
  }
}
