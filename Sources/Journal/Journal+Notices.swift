public import OrderFlow

extension Journal {
  /// Writes a message that could not be taken; once for each place and reason.
  public func append(deadLetter: borrowing DeadLetter) throws(JournalError) {
    let insert = try writing().insertDeadLetter
    insert.bind(deadLetter.source)
    insert.bind(Int64(clamping: deadLetter.line))
    insert.bind(Int64(clamping: deadLetter.offset))
    insert.bind(deadLetter.reason)
    insert.bind(blob: deadLetter.text)
    try perform(insert)
  }

  /// Writes an error or kill of a rule; once for each event, hook and message.
  public func append(failure: borrowing RuleFailure) throws(JournalError) {
    let insert = try writing().insertFailure
    insert.bind(failure.rule)
    insert.bind(failure.version)
    insert.bind(failure.seq)
    insert.bind(failure.kind)
    insert.bind(failure.hook)
    insert.bind(failure.message)
    insert.bind(failure.trace)
    insert.bind(failure.order.isEmpty ? nil : failure.order)
    try perform(insert)
  }

  /// Writes a stretch of a feed that was lost, both ends in ms since 1970 UTC.
  ///
  /// The same source and start again extend the stretch, and may mark it as backfilled, never unmark it.
  public func append(
    gapOf source: String, from start: Int64, to end: Int64, backfilled: Bool
  ) throws(JournalError) {
    let upsert = try writing().upsertGap
    upsert.bind(source)
    upsert.bind(start)
    upsert.bind(end)
    upsert.bind(backfilled ? 1 : 0 as Int64)
    try perform(upsert)
  }
}
