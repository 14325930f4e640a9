import Journal
import RuleEngine

extension SavedRule {
  /// What a journal kept for a rule.
  init(_ stored: RuleState) {
    self.init(
      seq: stored.seq, state: stored.state, dedup: String(decoding: stored.dedup, as: UTF8.self),
      failures: stored.failures)
    stateVersion = stored.stateVersion
    warmingUntil = stored.warmingUntil
    windows = stored.windows
  }
}

extension Journal {
  /// Keeps what a rule has to find again, with the version of the rule set that it ran in.
  func saveState(rule: String, version: String, _ saved: SavedRule) throws(JournalError) {
    try saveState(
      rule: rule, version: version, seq: saved.seq, state: saved.state, dedup: Array(saved.dedup.utf8),
      failures: saved.failures, stateVersion: saved.stateVersion, warmingUntil: saved.warmingUntil,
      windows: saved.windows)
  }
}
