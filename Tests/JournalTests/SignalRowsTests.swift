import COrderFlow
import OrderFlow
import Testing

@testable import Journal

@Suite("The view signal_rows")
struct SignalRowsTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func rows(_ sql: String, _ journal: Journal) throws -> [[String?]] {
    let query = try journal.usable().connection.prepare(sql)
    var rows: [[String?]] = []
    while try query.step() {
      rows.append(StoredSignal.columns.indices.map { query.text(Int32($0)) })
    }
    return rows
  }

  @Test("has the promised columns in the promised order")
  func columns() throws {
    let journal = try Journal(path: directory.file())
    let query = try journal.usable().connection.prepare("SELECT name FROM pragma_table_info('signal_rows')")
    var names: [String] = []
    while try query.step() { names.append(query.text(0) ?? "") }
    #expect(
      names == [
        "id", "rule", "version", "seq", "t", "severity", "title", "key", "confidence", "fold_count", "user",
        "market_slug", "token_id", "token_label", "side", "price", "shares", "usd", "tx_hash", "order_hash",
        "data", "warming", "data_gap",
      ])
    #expect(StoredSignal.columns == names)
  }

  @Test("joins the order that triggered the signal")
  func joined() throws {
    let journal = try Journal(path: directory.file())
    try journal.append(OrderBox(seq: 4), identity: digest(4))
    var fired = signal(4)
    fired.key = "k"
    fired.confidence = 0.8
    fired.data = #"{"a":1}"#
    fired.user = "somebody else"
    fired.dataGap = true
    try journal.append(signal: fired)
    let usual = OrderBox.usual
    #expect(
      try rows("SELECT * FROM signal_rows", journal) == [
        [
          fired.id.hex, "sweep", "v1", "4", "1762480391000", "high", "signal at 4", "k", "0.8", "0",
          usual[.user], usual[.marketSlug], usual[.tokenID], "No", "BUY", "0.56", "9", "5.04",
          usual[.txHash], usual[.orderHash], #"{"a":1}"#, "0", "1",
        ]
      ])
  }

  @Test("a signal without an order does not show the event it happened at")
  func timer() throws {
    let journal = try Journal(path: directory.file())
    try journal.append(OrderBox(seq: 4), identity: digest(4))
    var fired = signal(4)
    fired.hasOrder = false
    fired.market = "a-market"
    fired.token = "123"
    fired.side = "SELL"
    fired.user = "0xu"
    try journal.append(signal: fired)
    let row = try #require(try rows("SELECT * FROM signal_rows", journal).first)
    #expect(
      row[8...] == [
        nil, "0", "0xu", "a-market", "123", nil, "SELL", nil, nil, nil, nil, nil, nil, "0", "0",
      ])
  }

  @Test(
    "prints millionths exactly as the core does",
    arguments: [
      0, 1, 10, 460_000, 999_999, 1_000_000, 1_000_001, 1_100_000, 33_586_208, 25_000_000_000, 100_000_000,
      123_456_789_012_345_678, .max, .max - 7, -1, -460_000, -999_999, -1_000_000, -1_500_000, .min, .min + 1,
    ] as [Int64])
  func money(_ raw: Int64) throws {
    let journal = try Journal(path: directory.file())
    let order = OrderBox(seq: 1)
    order.pointer.pointee.price = raw
    order.pointer.pointee.shares = raw
    order.pointer.pointee.usd = raw
    try journal.append(order, identity: digest(1))
    try journal.append(signal: signal(1))
    let expected = Micros(raw: raw).text
    let row = try #require(try rows("SELECT * FROM signal_rows", journal).first)
    #expect(row[15...17] == [expected, expected, expected])
  }
}
