import OrderFlow
import Testing

@testable import RuleEngine

@Suite("Engine")
struct EngineTests {
  @Test("an order reaches on_order once, in order, whatever the batch", arguments: [1, 2, 7, 512])
  func eachOrderOnce(batch: Int) throws {
    let engine = TestEngine("""
      local R = rule { title = "t" }
      function R.on_order(o) print(o.seq, o.t) end
      return R
      """)
    let run = try engine.run((1...20).map { TestOrder(Int64($0) * 1000) }, batch: batch)
    #expect(run.lines == (1...20).map { "\($0)\t\($0 * 1000)" })
    #expect(run.failures.isEmpty)
  }
}
