import COrderFlow
import OrderFlow

/// One ordered reading of events, ticks and gaps.
///
/// Three statements are stepped side by side: a UNION would sort, or copy each row once more.
final class ReadBack {
  private let events: Statement
  private let ticks: Statement
  private let gaps: Statement
  private var tick: (seq: Int64, clock: Int64)?
  private var gap: (seq: Int64, record: GapRecord)?
  private let sources: SourceTable
  private let orders: UnsafeMutableBufferPointer<Order>
  private let first: UnsafeMutablePointer<Order>
  private var arena: TextArena
  private var count = 0
  private var source: UInt16 = 0

  /// Prepares a reading of the numbers in a range, in batches of at most `capacity` orders.
  init(
    _ connection: Connection, _ sources: SourceTable, in range: ClosedRange<Int64>, capacity: Int
  ) throws(JournalError) {
    events = try connection.prepare(
      """
      SELECT seq, t, venue, user, taker, role, side, token_id, token_label, market_slug, condition_id,
        title, price, shares, usd, tx_hash, order_hash, block_number, log_index, twin, late, source, origin
      FROM events WHERE seq BETWEEN ? AND ? ORDER BY seq
      """)
    ticks = try connection.prepare("SELECT seq, t FROM ticks WHERE seq BETWEEN ? AND ? ORDER BY seq")
    gaps = try connection.prepare(
      """
      SELECT source, from_t, to_t, backfilled, seq FROM gap_events WHERE seq BETWEEN ? AND ? ORDER BY seq
      """)
    for statement in [events, ticks, gaps] {
      statement.bind(range.lowerBound)
      statement.bind(range.upperBound)
    }
    self.sources = sources
    let room = min(max(capacity, 1), 65_536)
    first = .allocate(capacity: room)
    orders = UnsafeMutableBufferPointer(start: first, count: room)
    // The texts of an order take about half a kilobyte.
    arena = TextArena(capacity: room * 640, kept: 128 << 20)
  }

  deinit { first.deallocate() }

  /// Reads to the end; an error of the body ends it too.
  func run(_ body: (StoredBatch) throws -> Void) throws {
    try stepTick()
    try stepGap()
    while try events.step() {
      let seq = events.integer(0)
      while let moment = try nextMoment(before: seq) {
        try handOver(body)
        try body(moment)
      }
      if count == orders.count { try handOver(body) }
      try take(seq, into: first + count)
      count += 1
    }
    try handOver(body)
    while let moment = try nextMoment(before: nil) { try body(moment) }
  }

  /// The next tick or gap before an order, nil when the order comes first; without one, the next at all.
  private func nextMoment(before seq: Int64?) throws(JournalError) -> StoredBatch? {
    if let due = tick, due.seq < gap?.seq ?? .max || gap == nil {
      if let seq, due.seq > seq { return nil }
      try stepTick()
      return .tick(seq: due.seq, clock: due.clock)
    }
    guard let due = gap else { return nil }
    if let seq, due.seq > seq { return nil }
    try stepGap()
    return .gap(seq: due.seq, due.record)
  }

  private func stepTick() throws(JournalError) {
    tick = try ticks.step() ? (ticks.integer(0), ticks.integer(1)) : nil
  }

  private func stepGap() throws(JournalError) {
    gap = try gaps.step() ? (gaps.integer(4), GapRecord(gaps)) : nil
  }

  private func handOver(_ body: (StoredBatch) throws -> Void) throws {
    if count == 0 { return }
    try body(.orders(UnsafeMutableBufferPointer(start: first, count: count)))
    count = 0
    arena.clear()
  }

  // MARK: One row

  private func take(_ seq: Int64, into order: UnsafeMutablePointer<Order>) throws(JournalError) {
    order.initialize(to: .empty)
    order.pointee.seq = seq
    order.pointee.time = events.integer(1)
    order.pointee.venue =
      initial(2) == UInt8(ascii: "p") ? UInt8(BB_VENUE_POLYMARKET) : UInt8(BB_VENUE_KALSHI)
    switch initial(5) {
    case UInt8(ascii: "t"): order.pointee.role = UInt8(BB_ROLE_TAKER)
    case UInt8(ascii: "m"): order.pointee.role = UInt8(BB_ROLE_MAKER)
    default: break
    }
    order.pointee.side = initial(6) == UInt8(ascii: "B") ? UInt8(BB_SIDE_BUY) : UInt8(BB_SIDE_SELL)
    order.pointee.price = events.integer(12)
    order.pointee.shares = events.integer(13)
    order.pointee.usd = events.integer(14)
    guard let usd = Micros.notional(price: order.pointee.price, shares: order.pointee.shares) else {
      throw JournalError(
        code: .corrupt, file: events.connection.file,
        message:
          "order \(seq) is damaged: price times shares is out of range; delete the row or restore a copy")
    }
    order.pointee.usd_floor = usd.floor
    if !events.isNull(17) { order.pointee.block_number = events.integer(17) }
    if !events.isNull(18) { order.pointee.log_index = events.integer(18) }
    order.pointee.twin = UInt32(truncatingIfNeeded: events.integer(19))
    order.pointee.late = events.integer(20) == 0 ? 0 : 1
    takeSource(into: order)
    takeTexts(into: order)
  }

  private func takeSource(into order: UnsafeMutablePointer<Order>) {
    let name = events.bytes(21)
    if !name.isEmpty {
      // Most neighbours come from the same feed.
      source = sources.number(of: name, guess: source)
      order.pointee.source = source
    }
    switch initial(22) {
    case UInt8(ascii: "b"): order.pointee.origin = UInt8(BB_ORIGIN_BACKFILL)
    case UInt8(ascii: "a"): order.pointee.origin = UInt8(BB_ORIGIN_AUDIT)
    default: break
    }
  }

  private func takeTexts(into order: UnsafeMutablePointer<Order>) {
    let texts = UnsafeMutableRawPointer(order).advanced(by: ReadBack.textOffset)
      .assumingMemoryBound(to: bb_text.self)
    texts[Int(BB_USER)] = text(3)
    texts[Int(BB_TAKER)] = text(4)
    texts[Int(BB_TOKEN_ID)] = text(7)
    texts[Int(BB_TOKEN_LABEL)] = text(8)
    texts[Int(BB_MARKET_SLUG)] = text(9)
    texts[Int(BB_CONDITION_ID)] = text(10)
    texts[Int(BB_TITLE)] = text(11)
    texts[Int(BB_TX_HASH)] = text(15)
    texts[Int(BB_ORDER_HASH)] = text(16)
  }

  private static let textOffset = MemoryLayout<Order>.offset(of: \.text) ?? 0

  /// The first byte of a text column, 0 when there is none; words that can stand there differ in it.
  @inline(__always)
  private func initial(_ column: Int32) -> UInt8 { events.bytes(column).first ?? 0 }

  @inline(__always)
  private func text(_ column: Int32) -> bb_text {
    let bytes = events.bytes(column)
    guard let start = bytes.baseAddress, !bytes.isEmpty else { return bb_text() }
    let copy = arena.reserve(bytes.count)
    copy.update(from: start, count: bytes.count)
    return bb_text(bytes: copy, count: UInt32(bytes.count), symbol: 0)
  }
}
