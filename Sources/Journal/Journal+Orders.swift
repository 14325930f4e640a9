public import COrderFlow
public import OrderFlow

extension Journal {
  /// Numbers between the first orders of two recordings; see `sequenceBase(firstIdentity:)`.
  static let recordingStride: Int64 = 1_000_000_000

  /// Writes one order under its `seq`, and returns the number under which the journal holds that leg.
  ///
  /// Its `source` is a number given to `registerSource`, or 0. An order that is there already adds nothing;
  /// its number differs from `order.seq` when another
  /// recording brought the same leg first. The texts are read before the call returns.
  /// - Throws: `JournalError` with `sequenceClash` when `seq` belongs to a different order, a tick or a gap,
  ///   with `misuse` when nobody registered its source.
  @discardableResult
  public func append(
    order: UnsafePointer<Order>, identity: Digest128
  ) throws(JournalError) -> Int64 {
    let statements = try writing()
    let insert = statements.insertEvent
    let seq = order.pointee.seq
    if seq <= counters.moment { try refuseMoment(seq, statements) }
    guard let source = sources.slot(order.pointee.source) else {
      throw void(unregistered(order.pointee.source))
    }
    bindEvent(order, identity, insert)
    insert.bind(source)
    insert.bind(origin: order.pointee.origin)
    try perform(insert)
    if statements.connection.changes == 0 {
      return try held(seq, identity, statements)
    }
    retention.noteEvent()
    sources.note(order.pointee.source, time: order.pointee.time)
    counters.sequence = max(counters.sequence, seq)
    return seq
  }

  private func bindEvent(_ order: UnsafePointer<Order>, _ identity: Digest128, _ insert: Statement) {
    let texts = Journal.texts(of: order)
    insert.bind(order.pointee.seq)
    insert.bind(blob: identity)
    insert.bind(order.pointee.time)
    insert.bind(order.pointee.venue == UInt8(BB_VENUE_POLYMARKET) ? "polymarket" : "kalshi" as StaticString)
    insert.bind(texts[Int(BB_USER)])
    insert.bind(texts[Int(BB_TAKER)])
    switch Int(order.pointee.role) {
    case BB_ROLE_TAKER: insert.bind("taker" as StaticString)
    case BB_ROLE_MAKER: insert.bind("maker" as StaticString)
    default: insert.bindNull()
    }
    insert.bind(order.pointee.side == UInt8(BB_SIDE_BUY) ? "BUY" : "SELL" as StaticString)
    insert.bind(texts[Int(BB_TOKEN_ID)])
    insert.bind(texts[Int(BB_TOKEN_LABEL)])
    insert.bind(texts[Int(BB_MARKET_SLUG)])
    insert.bind(texts[Int(BB_CONDITION_ID)])
    insert.bind(texts[Int(BB_TITLE)])
    insert.bind(order.pointee.price)
    insert.bind(order.pointee.shares)
    insert.bind(order.pointee.usd)
    insert.bind(texts[Int(BB_TX_HASH)])
    insert.bind(texts[Int(BB_ORDER_HASH)])
    insert.bind(order.pointee.block_number < 0 ? nil : order.pointee.block_number)
    insert.bind(order.pointee.log_index < 0 ? nil : order.pointee.log_index)
    insert.bind(Int64(order.pointee.twin))
    insert.bind(Int64(order.pointee.late))
  }

  /// The texts of an order in place; copying the whole order for each of them would cost more than the bind.
  private static func texts(of order: UnsafePointer<Order>) -> UnsafePointer<bb_text> {
    let offset = MemoryLayout<Order>.offset(of: \.text) ?? 0
    return UnsafeRawPointer(order).advanced(by: offset).assumingMemoryBound(to: bb_text.self)
  }

  /// Where an order that was not inserted is; a clash when something else has its number.
  private func held(
    _ seq: Int64, _ identity: Digest128, _ statements: JournalStatements
  ) throws(JournalError) -> Int64 {
    statements.eventIdentity.bind(seq)
    if try statements.eventIdentity.step() {
      let owner = statements.eventIdentity.digest(0)
      statements.eventIdentity.reset()
      if owner == identity { return seq }
      throw void(
        JournalError(
          code: .sequenceClash, file: path,
          message: """
            sequence number \(seq) belongs to another order (identity \(owner?.hex ?? "unreadable"), \
            not \(identity.hex)); write this recording into a journal of its own
            """))
    }
    statements.eventSeq.bind(blob: identity)
    guard try statements.eventSeq.step() else { return seq }
    defer { statements.eventSeq.reset() }
    return statements.eventSeq.integer(0)
  }

  // MARK: Sequence numbers

  /// The highest sequence number used so far, this batch included; 0 in a new journal.
  public func lastSeq() -> Int64 { counters.sequence }

  /// Records that numbers up to `seq` have been given out, stored or not; committed with the batch.
  public func noteSeq(_ seq: Int64) throws(JournalError) {
    if seq <= counters.sequence { return }
    _ = try writing()
    counters.sequence = seq
  }

  /// The number before the first order of a recording, which is known by the identity of that order.
  ///
  /// The same recording always gets the same base, so that a rerun numbers its orders as before and adds
  /// nothing. A further recording starts at the next multiple of a thousand million: the earlier ones can
  /// still be resumed or grow without ever meeting its numbers.
  public func sequenceBase(firstIdentity: Digest128) throws(JournalError) -> Int64 {
    let statements = try writing()
    statements.run.bind(blob: firstIdentity)
    if try statements.run.step() {
      defer { statements.run.reset() }
      return statements.run.integer(0)
    }
    var base = counters.sequence
    if base != 0 {
      base -= base % Journal.recordingStride
      let (next, overflow) = base.addingReportingOverflow(Journal.recordingStride)
      if overflow {
        throw void(
          JournalError(
            code: .sequenceClash, file: path,
            message: "the journal has no sequence numbers left; start a new one"))
      }
      base = next
    }
    statements.insertRun.bind(blob: firstIdentity)
    statements.insertRun.bind(base)
    try perform(statements.insertRun)
    counters.sequence = max(counters.sequence, base)
    return base
  }
}

extension Statement {
  /// Binds a text of an order in place, NULL when the venue did not send it.
  @inline(__always)
  func bind(_ text: bb_text) {
    if let bytes = text.bytes, text.count > 0 {
      bindText(bytes, count: Int(text.count))
    } else {
      bindNull()
    }
  }
}
