extension Journal {
  /// Hands over every order, tick and gap after `seq`, in order, so that an engine can be rebuilt.
  ///
  /// Orders come in batches of at most `capacity`. `time`, the amounts, `side`, `venue`, `role`, `late`,
  /// `twin`, block and log, `origin` and all texts but the label are as they were appended, absent texts
  /// absent; `source` is the registered number, 0 for a feed that nobody registered. `clock`, `offset`,
  /// `line` and symbols are not set. The body must not write to this journal.
  public func readBack(
    after seq: Int64, through last: Int64 = .max, batch capacity: Int,
    _ body: (StoredBatch) throws -> Void
  ) throws {
    guard seq < last else { return }
    let reading = try ReadBack(try usable().connection, sources, in: (seq + 1)...last, capacity: capacity)
    try reading.run(body)
  }
}
