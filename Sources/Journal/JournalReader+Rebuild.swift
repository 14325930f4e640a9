extension JournalReader {
  // MARK: What the windows of a rule are filled from

  /// The number of the last event that is stored, 0 in an empty journal.
  public func lastSequence() throws(JournalError) -> Int64 {
    let query = try connection.prepare("SELECT value FROM meta WHERE key = 'last_seq'")
    return try query.step() && query.isInteger(0) ? query.integer(0) : 0
  }

  /// The newest mark and the last one at which the clock had not passed a time (ms since 1970 UTC).
  public func newestMark(atOrBefore clock: Int64 = .max) throws(JournalError) -> (seq: Int64, clock: Int64)? {
    let query = try connection.prepare(
      "SELECT seq, clock FROM marks WHERE clock <= ? ORDER BY seq DESC LIMIT 1")
    query.bind(clock)
    return try query.step() ? (query.integer(0), query.integer(1)) : nil
  }

  /// The number and event time (ms since 1970 UTC) of the oldest order that is still stored.
  public func oldestOrder() throws(JournalError) -> (seq: Int64, time: Int64)? {
    let query = try connection.prepare("SELECT seq, t FROM events ORDER BY seq LIMIT 1")
    return try query.step() ? (query.integer(0), query.integer(1)) : nil
  }

  /// The event time (ms since 1970 UTC) of the newest mark or the last order, whichever is later; nil without either.
  public func newestClock() throws(JournalError) -> Int64? {
    let query = try connection.prepare("SELECT t FROM events ORDER BY seq DESC LIMIT 1")
    let order = try query.step() ? query.integer(0) : nil
    let mark = try newestMark()?.clock
    return [order, mark].compactMap { $0 }.max()
  }

  /// What a rule left behind, nil when there is nothing.
  public func state(of rule: String) throws(JournalError) -> RuleState? {
    let query = try connection.prepare("SELECT \(RuleState.columns) FROM rule_state WHERE rule = ?")
    query.bind(rule)
    return try query.step() ? RuleState(query) : nil
  }

  /// What `Journal.keepFiles` kept for a version of the rule set, by path; empty when there is nothing.
  public func files(of version: String) throws(JournalError) -> [KeptFile] {
    let query = try connection.prepare(ReloadStatements.versionFilesQuery)
    query.bind(version)
    return try KeptFile.all(query, of: version)
  }

  /// The versions that ran, as `Journal.versionsRun`.
  public func versionsRun(newest count: Int) throws(JournalError) -> [String] {
    try ReloadRecord.versions(try connection.prepare(ReloadStatements.versionsRunQuery), newest: count)
  }

  /// The event time, ms since 1970 UTC, before which retention has deleted orders; nil when it has not.
  public func prunedBefore() throws(JournalError) -> Int64? {
    let query = try connection.prepare("SELECT value FROM meta WHERE key = '\(RetentionSweep.prunedKey)'")
    return try query.step() && query.isInteger(0) ? query.integer(0) : nil
  }

  /// The newest so many changes of the rule set, the newest first.
  public func reloads(newest count: Int) throws(JournalError) -> [ReloadRecord] {
    try ReloadRecord.all(try connection.prepare(ReloadStatements.reloadsQuery), newest: count)
  }
}
