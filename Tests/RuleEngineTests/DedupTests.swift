import OrderFlow
import Testing

@testable import RuleEngine

@Suite("Folding repeats")
struct DedupTests {
  private let plain = """
    local R = rule { title = 't', dedup = { by = { 'user', 'side' }, hold = '10s' } }
    function R.on_order(o) signal { title = o.user .. o.t } end
    return R
    """

  @Test("a repeat within the hold is folded, and one exactly at its end fires")
  func hold() throws {
    let run = try TestEngine(plain).run([1000, 5000, 10_999, 11_000, 12_000].map { TestOrder($0) })
    #expect(run.titles == ["0xa1000", "0xa11000"])
    #expect(run.signals.map(\.foldCount) == [2, 1])
    #expect(run.folded == 3)
    #expect(run.totals[0].signals == 2)
  }

  @Test("the hold runs from the signal that fired, so that steady repeats cannot silence a rule for ever")
  func holdDoesNotMove() throws {
    let run = try TestEngine(plain).run((0..<60).map { TestOrder(Int64($0) * 1000) })
    #expect(run.signals.map(\.time) == [0, 10_000, 20_000, 30_000, 40_000, 50_000])
    #expect(run.signals.allSatisfy { $0.foldCount == 9 })
  }

  @Test("the key is the values of `by` joined, or what the signal says")
  func keys() throws {
    let engine = TestEngine(
      """
      local R = rule { title = 't', dedup = { by = { 'user', 'side', 'price', 'role', 'label' }, hold = '10s' } }
      function R.on_order(o) signal { title = 'x', key = o.market_slug } end
      return R
      """)
    let run = try engine.run([
      TestOrder(1000) { $0.market = "" },
      TestOrder(1001) {
        $0.market = ""; $0.side = "SELL"
      }, TestOrder(1002) { $0.market = "m" },
      TestOrder(1003) {
        $0.market = "m"; $0.user = "0xb"
      },
      TestOrder(1004) {
        $0.market = ""; $0.role = "maker"
      },
    ])
    #expect(
      run.signals.map(\.key) == ["0xa|BUY|500000|0|", "0xa|SELL|500000|0|", "m", "0xa|BUY|500000|maker|"])
    #expect(run.signals.map(\.foldCount) == [0, 0, 1, 0])
  }

  @Test("a higher severity breaks through and is folded into from then on; a lower one is folded")
  func severity() throws {
    let engine = TestEngine(
      """
      local R = rule { title = 't', dedup = { by = { 'user' }, hold = '10s' } }
      function R.on_order(o) signal { title = o.market_slug, severity = o.market_slug } end
      return R
      """)
    let run = try engine.run(
      ["low", "low", "high", "low", "high", "critical", "high"].enumerated().map { place, name in
        TestOrder(1000 + Int64(place)) { $0.market = name }
      })
    #expect(run.titles == ["low", "high", "critical"])
    #expect(run.signals.map(\.foldCount) == [1, 2, 1])
  }

  @Test("a signal's own hold works without dedup, and lasts as long as it says")
  func ownHold() throws {
    let engine = TestEngine(
      """
      local R = rule { title = 't' }
      function R.on_order(o) signal { title = 'x' .. o.t, key = o.user, hold = o.side == 'BUY' and '5s' or nil } end
      return R
      """)
    let run = try engine.run(
      [1000, 5999, 6000].map { TestOrder($0) } + [TestOrder(6001) { $0.side = "SELL" }])
    #expect(run.titles == ["x1000", "x6000", "x6001"])
  }

  @Test(
    "a late repeat folds while the first is unsettled; after that it fires, and no settled signal changes")
  func lateRepeats() throws {
    let run = try TestEngine(plain).run([
      TestOrder(20_000), TestOrder(34_999) { $0.user = "0xb" }, TestOrder(29_000),
      TestOrder(35_000) { $0.user = "0xb" },
      TestOrder(29_500),
    ])
    #expect(run.titles == ["0xa20000", "0xb34999", "0xa29500"])
    #expect(run.signals.map(\.foldCount) == [1, 1, 0])
    #expect(run.settles == [35_000, 49_999, 44_500])
  }

  @Test("a long hold of one key does not keep another's signal open past its own")
  func mixedHolds() throws {
    let engine = TestEngine(
      """
      local R = rule { title = 't' }
      function R.on_order(o) signal { title = o.user .. o.t, key = o.user, hold = o.user == 'slow' and '1h' or '10s' } end
      return R
      """)
    let slow = TestOrder(1000) { $0.user = "slow" }
    let run = try engine.run([
      slow, TestOrder(2000), TestOrder(30_000) { $0.user = "other" }, TestOrder(11_000),
    ])
    #expect(run.titles == ["slow1000", "0xa2000", "other30000", "0xa11000"])
  }

  @Test("an absurd hold neither traps nor fires twice")
  func absurdHold() throws {
    let engine = TestEngine(
      """
      local R = rule { title = 't' }
      function R.on_order(o) signal { title = 'x', key = 'k', hold = math.maxinteger } end
      return R
      """)
    let run = try engine.run([1_760_000_000_000, 1_760_000_100_000].map { TestOrder($0) })
    #expect(run.titles.count + run.failures.count >= 1)
    #expect(run.signals.count <= 1)
  }

  @Test("folding is the same for every batch size and number of threads", arguments: [1, 5, 512], [1, 3])
  func deterministic(batch: Int, threads: Int) throws {
    let orders = WindowTests.flow(5, 400)
    let rules = [
      "a": plain, "b": plain.replacing("'10s'", with: "'2m'"),
      "c": plain.replacing("'side'", with: "'token_id'"),
    ]
    let first = try TestEngine(rules: rules).run(orders)
    let other = try TestEngine(rules: rules).run(orders, batch: batch, threads: threads)
    #expect(first.signals == other.signals)
    #expect(first.folded > 50)
    #expect(UInt64(first.signals.reduce(0) { $0 + $1.foldCount }) == first.folded)
    #expect(Set(first.signals.map(\.id)).count == first.signals.count)
  }
}
