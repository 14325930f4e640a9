extension Journal {
  /// Keeps what a rule has to find again after a restart, as of the event `seq`.
  ///
  /// A rule whose state is kept is one that runs: what `markRemoved` noted of it is forgotten.
  public func saveState(
    rule: String, version: String, seq: Int64, state: [UInt8], dedup: [UInt8], failures: String = "",
    stateVersion: Int64 = 1, warmingUntil: Int64? = nil, windows: String = ""
  ) throws(JournalError) {
    let upsert = try writing().upsertState
    upsert.bind(rule)
    upsert.bind(version)
    upsert.bind(seq)
    upsert.bind(blob: state)
    upsert.bind(blob: dedup)
    upsert.bind(failures)
    upsert.bind(stateVersion)
    upsert.bind(warmingUntil)
    upsert.bind(windows)
    try perform(upsert)
  }

  /// What `saveState` kept for a rule, nil when there is nothing.
  public func loadState(rule: String) throws(JournalError) -> RuleState? {
    let query = try usable().state
    query.bind(rule)
    guard try query.step() else { return nil }
    defer { query.reset() }
    return RuleState(query)
  }

  /// Notes that the states of all rules but these are of rules that left, at a time in ms by the wall clock.
  ///
  /// A rule that had left before keeps its time; one that is back has none.
  public func markRemoved(except rules: [String], wallMilliseconds: Int64) throws(JournalError) {
    let statements = try writing().reloads
    var stored: [String] = []
    while try statements.stateRules.step() { stored.append(statements.stateRules.text(0) ?? "") }
    let running = Set(rules)
    for rule in stored {
      if running.contains(rule) {
        statements.markRunning.bind(rule)
        try perform(statements.markRunning)
      } else {
        statements.markRemoved.bind(rule)
        statements.markRemoved.bind(wallMilliseconds)
        try perform(statements.markRemoved)
      }
    }
  }

  /// Deletes the states of rules that left before a time, ms by the wall clock.
  public func dropRemoved(before wallMilliseconds: Int64) throws(JournalError) {
    let delete = try writing().reloads.dropRemoved
    delete.bind(wallMilliseconds)
    try perform(delete)
  }

  /// Keeps a version of the rule set; seen again, only outcome, number of rules and reason change.
  public func recordVersion(_ record: VersionRecord) throws(JournalError) {
    let upsert = try writing().upsertVersion
    upsert.bind(record.version)
    upsert.bind(record.firstSeq)
    upsert.bind(record.createdMilliseconds)
    upsert.bind(record.outcome)
    upsert.bind(record.ruleCount)
    upsert.bind(record.reason)
    try perform(upsert)
  }

  // MARK: Meta

  /// Keeps a number under a name; `last_seq` and `last_signal` are the journal's own.
  public func setMeta(_ key: String, _ value: Int64) throws(JournalError) {
    try setInteger(key, value, try writing())
  }

  /// Keeps a text under a name; `last_seq` and `last_signal` are the journal's own.
  public func setMeta(_ key: String, _ value: String) throws(JournalError) {
    let upsert = try writing().upsertMeta
    upsert.bind(key)
    upsert.bind(value)
    try perform(upsert)
  }

  /// The number kept under a name, nil when there is none or it is a text.
  public func metaInteger(_ key: String) throws(JournalError) -> Int64? {
    try Journal.integer(key, try usable())
  }

  /// The text kept under a name, nil when there is none; a number comes as its digits.
  public func metaText(_ key: String) throws(JournalError) -> String? {
    let query = try usable().meta
    query.bind(key)
    guard try query.step() else { return nil }
    defer { query.reset() }
    return query.text(0)
  }

  func setInteger(_ key: String, _ value: Int64, _ statements: JournalStatements) throws(JournalError) {
    statements.upsertMeta.bind(key)
    statements.upsertMeta.bind(value)
    try perform(statements.upsertMeta)
  }

  static func integer(_ key: String, _ statements: JournalStatements) throws(JournalError) -> Int64? {
    statements.meta.bind(key)
    guard try statements.meta.step() else { return nil }
    defer { statements.meta.reset() }
    return statements.meta.isInteger(0) ? statements.meta.integer(0) : nil
  }
}
