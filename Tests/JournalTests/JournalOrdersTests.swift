import COrderFlow
import OrderFlow
import Testing

@testable import Journal

@Suite("Orders and their numbers")
struct JournalOrdersTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  @Test("an order is stored field by field, and what the venue did not send is NULL")
  func fields() throws {
    let path = directory.file()
    let journal = try Journal(path: path)
    let full = OrderBox(seq: 1)
    full.pointer.pointee.side = UInt8(BB_SIDE_SELL)
    full.pointer.pointee.role = UInt8(BB_ROLE_MAKER)
    full.pointer.pointee.venue = UInt8(BB_VENUE_KALSHI)
    full.pointer.pointee.block_number = 0
    full.pointer.pointee.log_index = .max
    full.pointer.pointee.twin = .max
    full.pointer.pointee.late = 1
    try journal.append(full, identity: digest(1))
    try journal.append(OrderBox(seq: 2, [:]), identity: digest(2))
    try journal.commit()
    let rows = try journal.usable().connection.prepare(
      """
      SELECT venue, user, taker, role, side, token_id, token_label, market_slug, condition_id, title, price,
        shares, usd, tx_hash, order_hash, block_number, log_index, twin, late, t FROM events ORDER BY seq
      """)
    var stored: [[String?]] = []
    while try rows.step() { stored.append((0..<20).map { rows.text($0) }) }
    let usual = OrderBox.usual
    #expect(
      stored == [
        [
          "kalshi", usual[.user], usual[.taker], "maker", "SELL", usual[.tokenID], "No",
          usual[.marketSlug], usual[.conditionID], usual[.title], "560000", "9000000", "5040000",
          usual[.txHash], usual[.orderHash], "0", "\(Int64.max)", "\(UInt32.max)", "1", "1762480391000",
        ],
        [
          "polymarket", nil, nil, nil, "BUY", nil, nil, nil, nil, nil, "560000", "9000000", "5040000", nil,
          nil, nil, nil, "0", "0", "1762480391000",
        ],
      ])
  }

  @Test("an order that is there already is found under its number")
  func repeated() throws {
    let journal = try Journal(path: directory.file())
    #expect(try journal.append(OrderBox(seq: 1), identity: digest(1)) == 1)
    #expect(try journal.append(OrderBox(seq: 1), identity: digest(1)) == 1)
    // The same leg in another recording, under another number.
    #expect(try journal.append(OrderBox(seq: 8), identity: digest(1)) == 1)
    try journal.commit()
    #expect(journal.lastSeq() == 1)
  }

  @Test("two orders with one number are an error that names both, and the batch is void")
  func clash() throws {
    let journal = try Journal(path: directory.file())
    try journal.append(OrderBox(seq: 1), identity: digest(1))
    try journal.append(OrderBox(seq: 2), identity: digest(2))
    try journal.commit()
    #expect {
      try journal.append(OrderBox(seq: 1), identity: digest(3))
    } throws: { error in
      let text = "\(error)"
      return (error as? JournalError)?.code == .sequenceClash && text.contains("sequence number 1 ")
        && text.contains(digest(1).hex) && text.contains(digest(3).hex)
    }
    #expect { try journal.commit() } throws: { ($0 as? JournalError)?.code == .batchFailed }
    try journal.rollback()
    // Known leg, but its new number belongs to another one.
    #expect {
      try journal.append(OrderBox(seq: 2), identity: digest(1))
    } throws: { ($0 as? JournalError)?.code == .sequenceClash }
    try journal.rollback()
    try journal.append(OrderBox(seq: 3), identity: digest(3))
    try journal.commit()
  }

  @Test("a recording keeps its base, and others start where none of them can meet")
  func bases() throws {
    let path = directory.file()
    do {
      let journal = try Journal(path: path)
      #expect(try journal.sequenceBase(firstIdentity: digest(1)) == 0)
      try journal.noteSeq(1_000)
      try journal.commit()
      #expect(try journal.sequenceBase(firstIdentity: digest(2)) == 1_000_000_000)
      try journal.noteSeq(1_000_000_000 + 500)
      try journal.commit()
      // The first recording, interrupted above, goes on past its thousandth order.
      #expect(try journal.sequenceBase(firstIdentity: digest(1)) == 0)
      try journal.append(OrderBox(seq: 1_001), identity: digest(1_001))
      try journal.commit()
      try journal.close()
    }
    let journal = try Journal(path: path)
    #expect(journal.lastSeq() == 1_000_000_500)
    #expect(try journal.sequenceBase(firstIdentity: digest(3)) == 2_000_000_000)
    // Not committed: the base is free again.
    try journal.rollback()
    #expect(try journal.sequenceBase(firstIdentity: digest(4)) == 2_000_000_000)
    #expect(try journal.sequenceBase(firstIdentity: digest(5)) == 3_000_000_000)
    #expect(try journal.sequenceBase(firstIdentity: digest(2)) == 1_000_000_000)
  }

  @Test("numbers that run out are an error, not a wrap")
  func exhausted() throws {
    let journal = try Journal(path: directory.file())
    try journal.noteSeq(.max)
    #expect {
      try journal.sequenceBase(firstIdentity: digest(1))
    } throws: { ($0 as? JournalError)?.code == .sequenceClash }
    try journal.rollback()
    #expect(journal.lastSeq() == 0)
  }

  @Test("numbers given out but not stored are remembered")
  func noted() throws {
    let path = directory.file()
    do {
      let journal = try Journal(path: path)
      try journal.append(OrderBox(seq: 3), identity: digest(3))
      try journal.noteSeq(2)
      try journal.noteSeq(12)
      try journal.commit()
    }
    #expect(try Journal(path: path).lastSeq() == 12)
  }
}
