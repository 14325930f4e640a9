import COrderFlow
import OrderFlow
import Testing
import Wire

@testable import Feeds

@Suite struct RestReadTests {
  private struct Row {
    var hash = "0x1"
    var time = 1_760_000_000
    var block: Int?
    var log: Int?
    var price = "0.5"

    var text: String {
      var text =
        #"{"token_id":"1","side":"BUY","price":\#(price),"shares":1000000,"user":"0xa","timestamp":\#(time)"#
      if let block { text += #","block_number":\#(block)"# }
      if let log { text += #","log_index":\#(log)"# }
      return text + #","tx_hash":"\#(hash)"}"#
    }
  }

  private static let start: Int64 = 1_760_000_000_000

  private static func page(_ rows: [Row]) -> [UInt8] {
    Array(#"{"orders":[\#(rows.map(\.text).joined(separator: ","))],"pagination":{"has_more":false}}"#.utf8)
  }

  private static func read(_ pages: [[UInt8]], since: Int64 = 0) -> RestRead {
    let read = RestRead()
    for page in pages { page.withUnsafeBytes { read.take($0, since: since) } }
    return read
  }

  /// `hash twin` of each order, in order.
  private static func listed(_ read: RestRead) -> [String] {
    read.finish(source: 3) { _ in UInt8(BB_ORIGIN_AUDIT) }.flatMap { batch in
      batch.orders.map { "\($0.string(.txHash) ?? "") \($0.twin)" }
    }
  }

  @Test("orders leave in the order of time, block and log index, whatever the pages' order")
  func order() {
    let rows = [
      Row(hash: "0xd", time: 1_760_000_002, block: 8, log: 1),
      Row(hash: "0xc", time: 1_760_000_001, block: 7, log: 9),
      Row(hash: "0xb", time: 1_760_000_001, block: 7, log: 2),
      Row(hash: "0xa", time: 1_760_000_001, block: 6, log: 5),
    ]
    let expected = ["0xa 0", "0xb 0", "0xc 0", "0xd 0"]
    #expect(Self.listed(Self.read([Self.page(rows)])) == expected)
    #expect(Self.listed(Self.read([Self.page(rows.reversed())])) == expected)
    #expect(Self.listed(Self.read(rows.map { Self.page([$0]) })) == expected)
  }

  @Test("without a place in the chain a list that is newest first is turned round")
  func listOrder() {
    let read = Self.read([Self.page([Row(hash: "0xc"), Row(hash: "0xb")]), Self.page([Row(hash: "0xa")])])
    #expect(Self.listed(read) == ["0xa 0", "0xb 0", "0xc 0"])
  }

  @Test("legs equal in everything are numbered when nothing else tells them apart")
  func twins() {
    let read = Self.read([
      Self.page([Row(), Row(), Row(hash: "0x2"), Row(price: "0.6")]), Self.page([Row()]),
    ])
    #expect(Self.listed(read).sorted() == ["0x1 0", "0x1 0", "0x1 1", "0x1 2", "0x2 0"])
  }

  @Test("legs with a log index are not numbered: a row that two pages give is one fill")
  func logIndex() {
    let rows = [Row(log: 1), Row(log: 2), Row(log: 1)]
    #expect(Self.listed(Self.read([Self.page(rows)])) == ["0x1 0", "0x1 0", "0x1 0"])
  }

  @Test("orders before the beginning are left out, but say how far the read has come")
  func since() {
    let rows = (0..<6).map { Row(hash: "0x\($0)", time: 1_760_000_000 + 5 - $0) }
    let read = Self.read([Self.page(rows)], since: Self.start + 3_000)
    #expect(Self.listed(read) == ["0x2 0", "0x1 0", "0x0 0"])
    #expect(read.oldest == Self.start)
    #expect(read.newest == Self.start + 5_000)
  }

  @Test("old orders between new ones are left out one by one")
  func mixed() {
    let times = [9, 1, 8, 2, 7, 3]
    let rows = times.map { Row(hash: "0x\($0)", time: 1_760_000_000 + $0) }
    let read = Self.read([Self.page(rows)], since: Self.start + 5_000)
    #expect(Self.listed(read) == ["0x7 0", "0x8 0", "0x9 0"])
  }

  @Test("a row that cannot be read is counted, and the others are taken")
  func malformed() {
    let page = Array(
      #"{"orders":[\#(Row(hash: "0xa").text),{"token_id":"1"},\#(Row(hash: "0xb").text)],"pagination":{}}"#
        .utf8)
    let read = Self.read([page])
    #expect(Self.listed(read).sorted() == ["0xa 0", "0xb 0"])
    #expect(read.rejected == 1 && !read.reason.isEmpty)
  }

  @Test(
    "what is no page brings no orders and no trap",
    arguments: ["", "null", "<html>", "{", "[", "{\"orders\":[{}", "\u{0}"])
  func noPage(text: String) {
    let read = Self.read([Array(text.utf8)])
    #expect(read.count == 0 && read.newest == nil)
    #expect(Self.listed(read) == [])
  }

  @Test("many orders leave in batches with the feed's number and an origin by their time")
  func batches() {
    let rows = (0..<1_300).map { Row(hash: "0x\($0)", time: 1_760_000_000 + $0) }
    let batches = Self.read([Self.page(rows)]).finish(source: 7) { $0 < Self.start + 100_000 ? 1 : 2 }
    #expect(batches.map(\.count) == [512, 512, 276])
    #expect(batches.allSatisfy { $0.source == 7 && $0.orders.allSatisfy { $0.source == 7 } })
    #expect(batches.flatMap { $0.orders.map(\.origin) } == (0..<1_300).map { $0 < 100 ? 1 : 2 })
  }
}
