import COrderFlow
import OrderFlow
import Testing
import Wire

@testable import Feeds

@Suite struct RowBatchTests {
  /// A batch with copies of the orders of these lines, whose own memory is gone.
  private static func batch(_ lines: [UInt8], capacity: Int = 1) -> RowBatch {
    let rows = RowBatch(capacity: capacity)
    var scanner = OrderScanner()
    lines.withUnsafeBytes { scanner.append($0) }
    scanner.finish()
    var batch = OrderBatch()
    var isOver = false
    while !isOver {
      isOver = scanner.next(into: &batch) == .end
      rows.append(UnsafeBufferPointer(batch.orders))
    }
    return rows
  }

  private static func hashes(_ rows: RowBatch) -> [String] { rows.orders.map { $0.string(.txHash) ?? "" } }

  @Test(
    "orders keep their texts when what they were copied from is gone, however many there are",
    arguments: [0, 1, 3, 20_000])
  func copies(count: Int) {
    let rows = Self.batch(orderLines(0..<count))
    #expect(rows.count == count)
    #expect(Self.hashes(rows) == (0..<count).map { "0x\($0)" })
    #expect(rows.orders.allSatisfy { $0.string(.user) == "0xa" && $0.price == 500_000 })
  }

  @Test("texts of any length are kept")
  func long() {
    let title = String(repeating: "t", count: 4_000)
    let line =
      #"{"token_id":"1","side":"BUY","price":0.5,"shares":1,"timestamp":1,"user":"0xa","tx_hash":"0x1","title":"\#(title)"}"#
    let rows = Self.batch(Array(String(repeating: line + "\n", count: 600).utf8))
    #expect(rows.count == 600)
    #expect(rows.orders.allSatisfy { $0.string(.title) == title })
  }

  @Test(
    "marking gives the number of the feed and moves the times, and changes nothing else in the first round")
  func mark() {
    let rows = Self.batch(orderLines(0..<3))
    rows.mark(source: 9, shift: 0, round: 0)
    #expect(rows.source == 9 && rows.orders.allSatisfy { $0.source == 9 && $0.time == 1_760_000_000_000 })
    #expect(Self.hashes(rows) == ["0x0", "0x1", "0x2"])
    rows.mark(source: 9, shift: 5, round: 0)
    #expect(rows.orders.allSatisfy { $0.time == 1_760_000_000_005 })
  }

  @Test("a further round makes every transaction a new one, short hashes too")
  func rounds() {
    let long = "0x" + String(repeating: "ab", count: 32)
    let lines =
      String(decoding: orderLines(0..<300), as: UTF8.self)
      + String(decoding: orderLines(7..<8), as: UTF8.self).replacing("0x7", with: long)
    var all: Set<String> = []
    for round in [0, 1, 2, 15, 16, 300, UInt32.max] {
      let rows = Self.batch(Array(lines.utf8))
      rows.mark(source: 1, shift: 0, round: round)
      all.formUnion(Self.hashes(rows))
    }
    #expect(all.count == 7 * 301)
  }

  @Test("a time at the end of all times does not trap")
  func farTime() {
    let rows = Self.batch(orderLines(0..<1))
    rows.mark(source: 1, shift: .max, round: 1)
    #expect(rows.count == 1)
  }
}
