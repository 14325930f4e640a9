import COrderFlow
import Glibc
import OrderFlow
import Testing
import Wire

@Suite struct DomeTextTests {
  /// The orders of a text, and what is read back from what is written of them.
  private func roundTrip(_ bytes: [UInt8]) -> (orders: [OrderCopy], again: [OrderCopy], text: String) {
    var written: [UInt8] = []
    var scanner = OrderScanner()
    var batch = OrderBatch()
    bytes.withUnsafeBytes { scanner.append($0) }
    scanner.finish()
    var orders: [OrderCopy] = []
    var state = ScanState.more
    while state != .end {
      state = scanner.next(into: &batch)
      for place in 0..<batch.count {
        guard let order = batch.orders.baseAddress.map({ $0 + place }) else { continue }
        orders.append(OrderCopy(order.pointee))
        DomeText.append(order, to: &written)
        written.append(10)
      }
    }
    let again = scan(written)
    #expect(again.rejected.isEmpty)
    func placeless(_ orders: [OrderCopy]) -> [OrderCopy] {
      orders.map { order in
        var order = order
        order.line = 0
        order.offset = 0
        return order
      }
    }
    return (placeless(orders), placeless(again.orders), String(decoding: written, as: UTF8.self))
  }

  @Test("every shape of order is read back from its text", arguments: Samples.all)
  func samples(_ sample: String) {
    let (orders, again, _) = roundTrip(Array(sample.utf8))
    #expect(orders.count == 1 && orders == again)
  }

  @Test(
    "every order of a fixture is read back from its text",
    arguments: ["edge_cases.jsonl", "rtds.jsonl", "dome_page.json"])
  func fixtures(_ name: String) throws {
    let (orders, again, _) = roundTrip(try DomeTextTests.fixture(name))
    #expect(orders.count > 25)
    #expect(orders == again)
  }

  @Test("amounts are exact decimals, and absent fields are left out")
  func exact() {
    let line =
      #"{"token_id":"1","side":"SELL","shares":9007199254740993,"price":0.000001,"timestamp":7,"user":"0xA","tx_hash":"0xB","title":"a\u0001\"\\\/é"}"#
    let (orders, again, text) = roundTrip(Array(line.utf8))
    #expect(orders == again)
    #expect(
      text
        == #"{"token_id":"1","side":"SELL","shares":9007199254740993,"shares_normalized":9007199254.740993,"price":0.000001,"tx_hash":"0xb","title":"a\u0001\"\\/é","timestamp":7,"user":"0xa"}"#
        + "\n")
  }

  private static func fixture(_ name: String) throws -> [UInt8] {
    let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
    guard let file = fopen("\(root)/fixtures/\(name)", "re") else { throw Missing() }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = fread(&block, 1, block.count, file)
      if count == 0 { return bytes }
      bytes += block[..<count]
    }
  }

  struct Missing: Error {}
}
