import COrderFlow
import OrderFlow
import Testing

@testable import RuleEngine

@Suite("Memory of windows")
struct WindowMemoryTests {
  private func definition(_ shape: WindowDefinition.Shape) -> WindowDefinition {
    WindowDefinition(
      name: "x", line: 1, shape: shape, keys: [("user", .text(.user))], conditions: [],
      values: [.text(.user)],
      aggregates: [("users", .distinct(value: 0))], topNames: [nil])
  }

  /// An order of wallet number `wallet`.
  private func order(_ time: Int64, wallet: UInt32) -> bb_order {
    var order = bb_order.empty
    order.time = time
    order.clock = time
    order[.user] = bb_text(bytes: nil, count: 0, symbol: wallet)
    return order
  }

  @Test("wallets that trade once leave a sliding window by themselves, and their places are used again")
  func sliding() {
    var window = Window(definition(.sliding(span: 1000)))
    for number in 1...100_000 as ClosedRange<UInt32> {
      var order = order(Int64(number), wallet: number)
      window.advance(&order, lateness: 5000)
    }
    #expect(window.live <= 1001)
    #expect(window.items <= 1001)
    #expect(window.used <= 1100)
    // After a pause the groups that are over go two an order, so that no order pays for all of them.
    for number in 1...600 as ClosedRange<UInt32> {
      var order = order(1_000_000, wallet: number % 3 + 1)
      window.advance(&order, lateness: 5000)
    }
    #expect(window.live == 3)
    #expect(window.items == 600)
  }

  @Test("tumbling and session windows hold nothing of what has closed", arguments: [1, 64])
  func closing(batch: Int) throws {
    let engine = TestEngine(
      """
      local R = rule { title = 't', windows = {
        bars = window.tumbling { by = {'user'}, span = '1s', agg = { n = count() } },
        runs = window.session { by = {'user'}, gap = '1s', agg = { n = distinct 'token_id' } } } }
      local bars, runs = 0, 0
      function R.on_close(name, key, g) if name == 'bars' then bars = bars + g.n else runs = runs + g.n end end
      function R.on_order(o)
        if o.seq % 500 ~= 0 then return end
        local open = 0
        for g in groups 'bars' do open = open + g.n end
        for g in groups 'runs' do open = open + 1 end
        print(open, bars, runs)
      end
      return R
      """)
    let run = try engine.run(
      (1...2000).map { place in TestOrder(Int64(place) * 100) { $0.user = "u\(place)" } }, batch: batch)
    // At 50 s: bars that ended by 45 s are closed (449 orders), and runs whose last order is before 49 s.
    #expect(
      run.lines == ["62\t449\t489", "62\t949\t989", "62\t1449\t1489", "62\t1949\t1989"])
    #expect(run.failures.isEmpty)
  }
}
