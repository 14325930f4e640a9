import OrderFlow
import Testing
import Wire

@Suite struct RecordedFlowTests {
  @Test("a layout that is known and one that is not give the same orders over pages of a thousand")
  func pages() {
    let rows = (0..<1000).map { number in
      let row = number % 7 == 3 ? Samples.row.with("\"icon\":null,", "") : Samples.row
      return row.with("1767556295", "\(1_767_556_295 + number)")
    }
    let page =
      "{\"data\":[" + rows.joined(separator: ",\n") + "],\"pagination\":{\"limit\":1000,\"offset\":0}}\n"
    let text = Array((page + page).utf8)
    let result = scan(text)
    #expect(result.orders.count == 2000 && result.rejected.isEmpty)
    #expect(result == scan(text, speculates: false))
    #expect(result.orders.map(\.line).prefix(1000) == (1...1000).map { UInt64($0) }[...])
    #expect(result == scan(text, cuts: Array(stride(from: 1000, to: text.count, by: 100_000)), capacity: 64))
  }

  @Test("five layouts in turn, one more than are remembered, change nothing")
  func manyLayouts() {
    let lines = Array((0..<200).map { Samples.all[$0 * 7 % 5] }.joined(separator: "\n").utf8)
    let result = scan(lines)
    #expect(result.orders.count == 200)
    #expect(result == ReferenceScanner.scan(lines))
  }
}
