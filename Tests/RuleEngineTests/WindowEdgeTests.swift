import OrderFlow
import Testing

@testable import RuleEngine

@Suite("Edges of windows")
struct WindowEdgeTests {
  /// A rule that prints the count of each order's group, and each close.
  private func counting(_ window: String, _ more: String = "") -> TestEngine {
    TestEngine(
      """
      local R = rule { title = 't', windows = { x = \(window) } }
      function R.on_order(o, w) print('order ' .. (w.x and w.x.n or 'out')) end
      \(more)
      return R
      """)
  }

  private let onClose = "function R.on_close(n, k, g) print('close ' .. g.n .. ' at ' .. now()) end"

  @Test("a sliding window holds (t - span, t]: an order exactly one span old has left")
  func slidingBounds() throws {
    let engine = counting("window.sliding { by = {'user'}, span = '10s', agg = { n = count() } }")
    let run = try engine.run([0, 9_999, 10_000, 19_999, 20_000].map { TestOrder(100_000 + $0) })
    #expect(run.lines == ["order 1", "order 2", "order 2", "order 2", "order 2"])
  }

  @Test("a late order exactly one span behind the clock is out, and is counted")
  func lateEdge() throws {
    let engine = counting("window.sliding { by = {'user'}, span = '10s', agg = { n = count() } }")
    let run = try engine.run([20_000, 10_001, 10_000].map { TestOrder($0) })
    #expect(run.lines == ["order 1", "order 2", "order out"])
    #expect(run.totals[0].tooLate == 1)
  }

  @Test("a tumbling window is [k w, (k+1) w) and closes when the watermark reaches its end, not before")
  func tumblingBounds() throws {
    let engine = counting("window.tumbling { by = {'user'}, span = '1m', agg = { n = count() } }", onClose)
    let run = try engine.run(
      [60_000, 119_999, 120_000, 124_999, 119_000, 125_000, 119_000].map { TestOrder($0) })
    #expect(
      run.lines == [
        "order 1", "order 2", "order 1", "order 2", "order 3", "close 3 at 120000", "order 3", "order out",
      ])
  }

  @Test("a session survives a gap of exactly `gap` and ends when it is exceeded")
  func sessionGap() throws {
    let engine = counting("window.session { by = {'user'}, gap = '10s', agg = { n = count() } }", onClose)
    let run = try engine.run([0, 10_000, 20_001].map { TestOrder(50_000 + $0) })
    #expect(run.lines == ["order 1", "order 2", "close 2 at 70000", "order 1"])
  }

  @Test("a session is never longer than `span`, neither forwards nor by a late order")
  func sessionCap() throws {
    let engine = counting(
      "window.session { by = {'user'}, gap = '10s', span = '15s', agg = { n = count() } }", onClose)
    let times: [Int64] = [50_000, 58_000, 64_999, 65_000, 60_000, 49_000]
    let run = try engine.run(times.map { TestOrder($0) })
    #expect(
      run.lines == ["order 1", "order 2", "order 3", "close 3 at 65000", "order 1", "order 2", "order out"])
    #expect(run.totals[0].tooLate == 1)
  }

  @Test("an order too late for the session that is over makes no second session of the same name")
  func lateAfterSession() throws {
    let engine = TestEngine(
      """
      local R = rule { title = 't', windows = { x = window.session { by = {'user'}, gap = '10s', agg = { n = count() } } } }
      function R.on_close(n, k, g) signal { title = 'close ' .. g.n } end
      return R
      """)
    let late = TestOrder(50_000) { $0.price = 1 }
    let run = try engine.run([
      TestOrder(50_000), TestOrder(90_000) { $0.user = "0xb" }, late, TestOrder(91_000), TestOrder(200_000),
    ])
    #expect(run.titles == ["close 1", "close 1", "close 1"])
    #expect(Set(run.signals.map(\.id)).count == 3)
    #expect(run.totals[0].tooLate == 1)
  }

  @Test("past max_keys the stalest group goes, is counted, and every group says that something is missing")
  func maximumKeys() throws {
    let engine = TestEngine(
      """
      local R = rule { title = 't', windows = { x = window.sliding { by = {'user'}, span = '10s', max_keys = 2,
        agg = { n = count() } } } }
      function R.on_order(o, w)
        local keys = {}
        for g in groups 'x' do keys[#keys + 1] = g.user .. g.n end
        print(table.concat(keys, ' '), w.x.n, w.x.truncated)
      end
      return R
      """)
    func order(_ time: Int64, _ user: String) -> TestOrder { TestOrder(time) { $0.user = user } }
    let run = try engine.run([
      order(10_000, "a"), order(11_000, "b"), order(12_000, "c"), order(11_500, "a"), order(20_999, "c"),
      order(21_000, "c"),
    ])
    #expect(
      run.lines == [
        "a1\t1\tfalse", "a1 b1\t1\tfalse", "b1 c1\t1\ttrue", "a1 c1\t1\ttrue", "a1 c2\t2\ttrue",
        "a1 c3\t3\tfalse",
      ])
    #expect(run.totals[0].droppedGroups == 2)
  }

  @Test("a late order that is itself the stalest keeps its group, and the caps hold")
  func lateAtTheCap() throws {
    let engine = TestEngine(
      """
      local R = rule { title = 't', windows = { x = window.sliding { by = {'user'}, span = '100s', max_keys = 2,
        agg = { n = count(), lo = min 'price' } } } }
      function R.on_order(o, w)
        local groups_now = 0
        for g in groups 'x' do groups_now = groups_now + 1 end
        print(w.x.n, w.x.lo, groups_now)
      end
      return R
      """)
    let run = try engine.run(
      (0..<20).map { place in TestOrder(100_000 - Int64(place) * 1000) { $0.user = "u\(place)" } })
    #expect(run.failures.isEmpty)
    #expect(run.lines.allSatisfy { $0.hasPrefix("1\t500000\t") })
    #expect(run.lines.dropFirst().allSatisfy { $0.hasSuffix("\t2") })
  }

  @Test("past max_items old orders go, and the group says so until they would have left anyway")
  func maximumItems() throws {
    let engine = TestEngine(
      """
      local R = rule { title = 't', windows = { x = window.sliding { by = {'user'}, span = '10s', max_items = 3,
        agg = { n = count(), usd = sum 'usd' } } } }
      function R.on_order(o, w) print(w.x.n, w.x.usd, w.x.truncated) end
      return R
      """)
    let run = try engine.run(
      [0, 1, 2, 3, 9, 13, 14].map { second in TestOrder(50_000 + second * 1000) { $0.usd = 1 + second } })
    #expect(
      run.lines == [
        "1\t1\tfalse", "2\t3\tfalse", "3\t6\tfalse", "3\t9\ttrue", "3\t17\ttrue", "2\t24\tfalse",
        "3\t39\tfalse",
      ])
  }

  @Test("a bucket that a cap dropped before its end neither closes nor holds the engine up")
  func droppedBucket() throws {
    let engine = counting(
      "window.tumbling { by = {'user'}, span = '1m', max_keys = 1, agg = { n = count() } }", onClose)
    let run = try engine.run([
      TestOrder(0), TestOrder(61_000) { $0.user = "b" }, TestOrder(70_000) { $0.user = "b" },
      TestOrder(200_000) { $0.user = "b" },
    ])
    #expect(run.lines == ["order 1", "order 1", "order 2", "close 2 at 120000", "order 1"])
  }

  @Test("a sum that leaves 64 bits is an error with a reason, and recovers when the big orders leave")
  func overflow() throws {
    let engine = TestEngine(
      """
      local R = rule { title = 't', windows = { x = window.sliding { by = {'user'}, span = '10s',
        agg = { usd = sum 'usd', mean = mean 'usd', best = top('user', 1, 'usd'), n = count() } } } }
      function R.on_order(o, w)
        if o.side == 'SELL' then print(w.x.best[1].usd) else print(w.x.usd) end
      end
      return R
      """)
    let big = Int64.max
    let run = try engine.run([
      TestOrder(0) { $0.usd = big }, TestOrder(1000) { $0.usd = 1 },
      TestOrder(1500) {
        $0.side = "SELL"; $0.usd = 1
      },
      TestOrder(10_000) { $0.usd = 5 }, TestOrder(11_000) { $0.usd = big - 6 },
    ])
    #expect(run.lines == ["\(big)", "7", "\(big)"])
    #expect(
      run.failures.map(\.message) == [
        "rule.lua:4: x.usd: the sum does not fit 64 bits", "rule.lua:4: x.best: a sum does not fit 64 bits",
      ])
  }

  @Test("group() finds any group by its key, and nothing under a wrong or absent one")
  func groupByKey() throws {
    let engine = TestEngine(
      """
      local R = rule { title = 't', windows = {
        x = window.sliding { by = {'user', 'side', 'role', 'price', 'late'}, span = '10s', agg = { n = count() } } } }
      local function n(g) return g and g.n or 'none' end
      function R.on_order(o, w)
        print(n(group('x', 'a', 'BUY', 'taker', 500000, false)), n(group('x', 'a', 'BUY', nil, 500000, false)),
          n(group('x', 'a', nil, 'taker', 500000, false)), n(group('x', 'z', 'BUY', 'taker', 500000, false)),
          n(group('x', 1, 'BUY', 'taker', 500000, false)), n(group('x', 'a', 'BUY', 'taker', 500000, 1)))
        print(w.x.user, w.x.side, w.x.role, w.x.price, w.x.late)
      end
      return R
      """)
    let run = try engine.run([
      TestOrder(1000) {
        $0.user = "a"; $0.role = "taker"
      }, TestOrder(2000) { $0.user = "a" },
      TestOrder(3000) {
        $0.user = "a"; $0.role = "taker"
      },
    ])
    #expect(
      run.lines == [
        "1\tnone\tnone\tnone\tnone\tnone", "a\tBUY\ttaker\t500000\tfalse", "1\t1\tnone\tnone\tnone\tnone",
        "a\tBUY\tnil\t500000\tfalse", "2\t1\tnone\tnone\tnone\tnone", "a\tBUY\ttaker\t500000\tfalse",
      ])
  }

  @Test(
    "a group belongs to the call that got it: kept, it answers with an error and not with another's numbers")
  func staleGroups() throws {
    let engine = TestEngine(
      """
      local R = rule { title = 't', windows = { x = window.sliding { by = {'user'}, span = '1s', agg = { n = count() } } } }
      local kept
      function R.on_order(o, w)
        kept = kept or w.x
        print(kept.n)
      end
      return R
      """)
    let run = try engine.run(
      (0..<3).map { place in TestOrder(Int64(place) * 10_000) { $0.user = "u\(place)" } })
    #expect(run.lines == ["1"])
    #expect(run.failures.count == 2)
    #expect(run.failures[0].message.contains("this group is gone"))
  }

  @Test("a group that was kept while it lives on holds what it holds now, without what has expired")
  func keptGroups() throws {
    let engine = TestEngine(
      """
      local R = rule { title = 't', windows = { x = window.sliding { by = {'user'}, span = '10s',
        agg = { n = count(), lo = min 'price' } } } }
      local kept
      function R.on_order(o, w)
        if o.user == 'a' then kept = w.x end
        print(kept.n, kept.lo, #kept:orders())
      end
      return R
      """)
    let run = try engine.run([
      TestOrder(1000) { $0.user = "a" }, TestOrder(9000) { $0.user = "a" },
      TestOrder(12_000) { $0.user = "b" }, TestOrder(18_999) { $0.user = "b" },
    ])
    #expect(run.lines == ["1\t500000\t1", "2\t500000\t2", "1\t500000\t1", "1\t500000\t1"])
  }

  @Test(
    "a quantile counts in the decimal that was written: 7 % of 100 values is the 7th",
    arguments: [
      ("0.07", 7), ("0.57", 57), ("0.95", 95), ("0.001", 1), ("1", 100), ("0.285", 29),
    ])
  func quantileRank(fraction: String, rank: Int64) throws {
    let engine = TestEngine(
      """
      local R = rule { title = 't', windows = { x = window.sliding { by = {'user'}, span = '1h',
        agg = { q = quantile('usd', \(fraction)) } } } }
      function R.on_order(o, w) if o.seq == 100 then print(w.x.q) end end
      return R
      """)
    #expect(
      try engine.run((1...100).map { place in TestOrder(Int64(place)) { $0.usd = Int64(place) } }).lines == [
        "\(rank)"
      ])
  }

  @Test("groups and closes come in key order: integers by value, texts by bytes, field by field")
  func keyOrder() throws {
    let engine = TestEngine(
      """
      local R = rule { title = 't', windows = { x = window.tumbling { by = {'price', 'user'}, span = '1m', agg = { n = count() } } } }
      function R.on_close(n, k, g) print(k.price, k[2]) end
      return R
      """)
    let users = ["b", "B", "a", "é", "aa", ""]
    var orders = ([9, 10, 100] as [Int64]).flatMap { price in
      users.map { user in
        TestOrder(1000) {
          $0.price = price; $0.user = user
        }
      }
    }
    var random = SeededRandom(4)
    orders.shuffle(using: &random)
    orders.append(TestOrder(100_000))
    let sorted = ["nil", "B", "a", "aa", "b", "é"]
    #expect(
      try engine.run(orders).lines == [9, 10, 100].flatMap { price in sorted.map { "\(price)\t\($0)" } })
  }
}
