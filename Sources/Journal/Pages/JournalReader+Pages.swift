public import OrderFlow

extension JournalReader {
  /// A page of the signals that pass; `after` counts signals by number.
  public func page(
    of filter: SignalFilter, _ request: PageRequest
  ) throws(JournalError) -> Page<NumberedSignal> {
    try page(
      request, of: "signals s", by: "s.n", StoredSignal.ownColumns, where: filter.terms,
      bind: filter.bindTerms, number: \.number
    ) { row throws(JournalError) in try NumberedSignal(row, from: 0) }
  }

  /// A page of the orders that pass; `after` counts events by `seq`.
  public func page(of filter: OrderFilter, _ request: PageRequest) throws(JournalError) -> Page<StoredOrder> {
    try page(
      request, of: "events e", by: "e.seq", StoredOrder.columns, where: filter.terms, bind: filter.bindTerms,
      number: \.seq
    ) { row throws(JournalError) in StoredOrder(row) }
  }

  /// A page of messages that could not be read.
  public func deadLetters(_ request: PageRequest) throws(JournalError) -> Page<StoredDeadLetter> {
    try page(request, of: "dead_letters", by: "id", StoredDeadLetter.columns, number: \.id) {
      row throws(JournalError) in StoredDeadLetter(row)
    }
  }

  /// A page of the changes of the rule set.
  public func reloads(_ request: PageRequest) throws(JournalError) -> Page<StoredReload> {
    try page(request, of: "reloads", by: "id", StoredReload.columns, number: \.id) {
      row throws(JournalError) in StoredReload(row)
    }
  }

  /// A page of a table whose rows are numbered by `key`; `bind` binds what the terms ask for.
  private func page<Row: Sendable>(
    _ request: PageRequest, of table: String, by key: String, _ columns: String, where terms: [String] = [],
    bind: (Statement) -> Void = { _ in }, number: KeyPath<Row, Int64>,
    _ read: (Statement) throws(JournalError) -> Row
  ) throws(JournalError) -> Page<Row> {
    guard let (lowest, highest) = try ends(of: table, key), let range = request.range(lowest, highest) else {
      return Page(rows: [], next: nil, reached: request.after)
    }
    let condition = (["\(key) BETWEEN ? AND ?"] + terms).joined(separator: " AND ")
    let order = request.isNewestFirst ? "DESC" : "ASC"
    let query = try cached(
      "SELECT \(columns) FROM \(table) WHERE \(condition) ORDER BY \(key) \(order) LIMIT ?")
    defer { query.reset() }
    query.bind(range.lowerBound)
    query.bind(range.upperBound)
    bind(query)
    query.bind(Int64(request.limit))
    var rows: [Row] = []
    while try query.step() { rows.append(try read(query)) }
    let last = rows.count >= request.limit ? rows.last?[keyPath: number] : nil
    let reached = last ?? (request.isNewestFirst ? range.lowerBound : range.upperBound)
    let isEnd = request.isNewestFirst ? reached <= lowest : reached >= highest
    return Page(rows: rows, next: isEnd ? nil : reached, reached: reached)
  }

  /// The lowest and the highest number of a table; nil when it is empty.
  private func ends(of table: String, _ key: String) throws(JournalError) -> (Int64, Int64)? {
    // Each of its own, or SQLite would walk the whole table for both.
    let ends = try cached("SELECT (SELECT min(\(key)) FROM \(table)), (SELECT max(\(key)) FROM \(table))")
    defer { ends.reset() }
    return try ends.step() && !ends.isNull(0) ? (ends.integer(0), ends.integer(1)) : nil
  }

  // MARK: One of them

  /// The signal with an id.
  public func signal(id: Digest128) throws(JournalError) -> NumberedSignal? {
    let query = try cached("SELECT \(StoredSignal.ownColumns) FROM signals s WHERE s.id = ?")
    defer { query.reset() }
    query.bind(blob: id)
    return try query.step() ? try NumberedSignal(query, from: 0) : nil
  }

  /// The orders with these numbers, in the order of the numbers; those that are gone are left out.
  public func orders(numbered numbers: [Int64]) throws(JournalError) -> [StoredOrder] {
    let query = try cached("SELECT \(StoredOrder.columns) FROM events e WHERE e.seq = ?")
    defer { query.reset() }
    var orders: [StoredOrder] = []
    for number in numbers {
      query.bind(number)
      if try query.step() { orders.append(StoredOrder(query)) }
      query.reset()
    }
    return orders
  }

  /// The numbers of the oldest and the newest signal; nil without one.
  public func signalRange() throws(JournalError) -> ClosedRange<Int64>? {
    guard let (lowest, highest) = try ends(of: "signals", "n") else { return nil }
    return lowest...max(lowest, highest)
  }

  /// The newest failures of a rule, newest first.
  public func failures(of rule: String, limit: Int) throws(JournalError) -> [RuleFailure] {
    let query = try cached(
      """
      SELECT rule, version, seq, kind, hook, message, trace, order_ref FROM failures
      WHERE rule = ? ORDER BY id DESC LIMIT ?
      """)
    defer { query.reset() }
    query.bind(rule)
    query.bind(Int64(limit))
    var failures: [RuleFailure] = []
    while try query.step() {
      failures.append(
        RuleFailure(
          rule: query.text(0) ?? "", version: query.text(1) ?? "", seq: query.integer(2),
          kind: query.text(3) ?? "", hook: query.text(4) ?? "", message: query.text(5) ?? "",
          trace: query.text(6) ?? "", order: query.text(7) ?? ""))
    }
    return failures
  }
}
