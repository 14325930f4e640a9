public import OrderFlow

extension Journal {
  /// Writes one signal; false when a signal with its id is there already, which then stays as it is.
  @discardableResult
  public func append(signal: borrowing Signal) throws(JournalError) -> Bool {
    let statements = try writing()
    let insert = statements.insertSignal
    insert.bind(counters.signal &+ 1)
    insert.bind(blob: signal.id)
    insert.bind(signal.rule)
    insert.bind(signal.version)
    insert.bind(signal.seq)
    insert.bind(signal.time)
    insert.bind(signal.severity.name)
    insert.bind(signal.title)
    insert.bind(signal.key)
    insert.bind(signal.market)
    insert.bind(signal.token)
    insert.bind(signal.side)
    insert.bind(signal.user)
    insert.bind(signal.confidence)
    insert.bind(signal.action)
    insert.bind(signal.data)
    insert.bind(signal.foldCount)
    EvidenceList.bind(signal.evidence, to: insert)
    insert.bind(signal.late ? 1 : 0 as Int64)
    insert.bind(signal.hasOrder ? 1 : 0 as Int64)
    insert.bind(signal.warming ? 1 : 0 as Int64)
    insert.bind(signal.dataGap ? 1 : 0 as Int64)
    try perform(insert)
    if statements.connection.changes == 0 { return false }
    counters.signal &+= 1
    retention.noteSignal()
    if watchers?.isEmpty != true { try enqueue(signal) }
    return true
  }

  /// Raises how many repeats were folded into a stored signal; a lower count never replaces a higher one.
  public func setFoldCount(_ id: Digest128, _ count: Int64) throws(JournalError) {
    let statements = try writing()
    statements.raiseFoldCount.bind(blob: id)
    statements.raiseFoldCount.bind(count)
    try perform(statements.raiseFoldCount)
  }

  /// The number of the newest signal, this batch included; 0 when there never was one.
  public func lastSignalNumber() -> Int64 { counters.signal }
}
