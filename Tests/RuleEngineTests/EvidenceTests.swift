import COrderFlow
import OrderFlow
import Testing

@testable import RuleEngine

@Suite("Evidence")
struct EvidenceTests {
  @Test("orders that a signal names are kept with their texts, with windows and without", arguments: [1, 64])
  func kept(batch: Int) throws {
    let noted = TestEngine(
      """
      local R = rule { title = 't' }
      local seen = {}
      function R.on_order(o)
        seen[#seen + 1] = o.seq
        if #seen == 10 then signal { title = 'ten', evidence = seen } end
      end
      return R
      """)
    let orders = (1...20).map { place in TestOrder(Int64(place)) { $0.user = "0x\(place)" } }
    let run = try noted.run(orders, batch: batch)
    #expect(run.signals.map(\.evidence) == [Array(1...10)])
    #expect(run.evidenceKept == 10)
    let windowed = TestEngine(
      """
      local R = rule { title = 't', windows = { x = window.sliding { by = {'side'}, span = '1h', agg = { n = count() } } } }
      function R.on_order(o, w) if o.seq == 20 then signal { title = 'x', evidence = w.x:orders() } end end
      return R
      """)
    #expect(try windowed.run(orders, batch: batch).evidenceKept == 20)
  }

  @Test("a kept order is the same order, and one that was never kept is not found")
  func contents() {
    var log = EvidenceLog()
    let batch = OrderBatch(
      (0..<50).map { place in TestOrder(Int64(place)) { $0.user = String(repeating: "é", count: place) } }[
        ...])
    for place in stride(from: 0, to: 50, by: 2) {
      batch.orders[place].seq = Int64(place)
      withUnsafePointer(to: batch.orders[place]) { log.append($0) }
    }
    for place in 0..<50 {
      var user: String?
      let found = log.withOrder(Int64(place)) { user = $0.pointee.string(.user) ?? "" }
      #expect(found == (place % 2 == 0))
      #expect(user == (place % 2 == 0 ? String(repeating: "é", count: place) : nil))
    }
  }

  @Test("the log stays within its size and keeps the newest orders")
  func bounded() {
    var log = EvidenceLog(limit: 64 << 10)
    let batch = OrderBatch([TestOrder(1)])
    for seq in 1...5000 as ClosedRange<Int64> {
      batch.orders[0].seq = seq
      withUnsafePointer(to: batch.orders[0]) { log.append($0) }
      #expect(log.withOrder(seq) { _ in })
    }
    #expect(!log.withOrder(1) { _ in })
    let kept = (1...5000 as ClosedRange<Int64>).filter { log.withOrder($0) { _ in } }
    #expect(kept.count > 50 && kept.count < 400)
    #expect(kept == Array(kept[0]...5000))
  }
}
