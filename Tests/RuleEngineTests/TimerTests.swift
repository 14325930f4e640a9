import OrderFlow
import Testing

@testable import RuleEngine

@Suite("Timers")
struct TimerTests {
  @Test("ticks are multiples of the interval since the epoch, before the order that reaches them")
  func multiples() throws {
    let engine = TestEngine(
      """
      local R = rule { title = 't', timers = { a = '10s' } }
      function R.on_timer(name, t) print(name, t, now()) end
      function R.on_order(o) print('order', o.t) end
      return R
      """)
    let run = try engine.run([10_000, 19_999, 20_000, 20_001, 45_000].map { TestOrder($0) })
    #expect(
      run.lines == [
        "order\t10000", "order\t19999", "a\t20000\t20000", "order\t20000", "order\t20001", "a\t30000\t30000",
        "a\t40000\t40000", "order\t45000",
      ])
  }

  @Test("late orders move no timer")
  func lateOrders() throws {
    let engine = TestEngine(
      """
      local R = rule { title = 't', timers = { a = '10s' } }
      function R.on_timer(name, t) signal { title = 'tick ' .. t } end
      return R
      """)
    let run = try engine.run([25_000, 11_000, 29_999, 15_000, 31_000, 22_000].map { TestOrder($0) })
    #expect(run.titles == ["tick 30000"])
    #expect(run.signals[0].time == 30_000)
    #expect(run.signals[0].hasOrder == false)
    #expect(run.signals[0].late == false)
  }

  @Test("two timers and a closing window run in the order of their times, also after a jump of the clock")
  func orderOfTimes() throws {
    let engine = TestEngine(
      """
      local R = rule { title = 't', timers = { b = '20s', a = '30s' },
        windows = { x = window.tumbling { by = {'user'}, span = '50s', agg = { n = count() } } } }
      function R.on_timer(name, t) print(name, t) end
      function R.on_close(name, key, g) print(name, now()) end
      return R
      """)
    let run = try engine.run([TestOrder(1000), TestOrder(101_000)])
    #expect(
      run.lines == [
        "b\t20000", "a\t30000", "b\t40000", "x\t50000", "a\t60000", "b\t60000", "b\t80000", "a\t90000",
        "b\t100000",
      ])
  }

  @Test("a timer sees its windows as of its own time, and no current group")
  func windowsAtTheTick() throws {
    let engine = TestEngine(
      """
      local R = rule { title = 't', timers = { a = '10s' },
        windows = { x = window.sliding { by = {'user'}, span = '10s', agg = { n = count() } } } }
      function R.on_timer(name, t, w)
        local g = group('x', 'u')
        local all = 0
        for g in groups 'x' do all = all + g.n end
        print(t, g and g.n or 0, all, w.x)
      end
      return R
      """)
    let run = try engine.run(
      [11_000, 15_000, 20_500, 49_000].map { time in TestOrder(time) { $0.user = "u" } })
    // At 30000 the window is (20000, 30000].
    #expect(run.lines == ["20000\t2\t2\tnil", "30000\t1\t1\tnil", "40000\t0\t0\tnil"])
  }

  @Test(
    "after a long silence the last thousand ticks are made up for and the rest is counted",
    arguments: [1, 64])
  func longSilence(batch: Int) throws {
    let engine = TestEngine(
      """
      local R = rule { title = 't', timers = { a = '1s' } }
      local ticks, first = 0, nil
      function R.on_timer(name, t) ticks = ticks + 1; first = first or t end
      function R.on_order(o) print(ticks, first) end
      return R
      """)
    let run = try engine.run([500, 5_000_500].map { TestOrder($0) }, batch: batch)
    #expect(run.lines == ["0\tnil", "1000\t4001000"])
    #expect(run.totals[0].skippedTicks == 4000)
  }

  @Test("each tick is an event of its own: its signals count from zero and differ from every other tick's")
  func identity() throws {
    let source = """
      local R = rule { title = 't', timers = { a = '10s', b = '10s' } }
      function R.on_timer(name, t) signal { title = name .. t } signal { title = name .. t .. 'again' } end
      return R
      """
    let orders = [1_000, 35_000, 41_000].map { TestOrder($0) }
    let run = try TestEngine(source).run(orders)
    #expect(run.titles.prefix(4) == ["a10000", "a10000again", "b10000", "b10000again"])
    #expect(run.signals.count == 16)
    #expect(Set(run.signals.map(\.id)).count == 16)
    // The tick is the event, not the order that brought the clock there.
    let other = try TestEngine(source).run(
      [1_000, 12_000, 38_000, 41_000].map { TestOrder($0) { $0.user = "else" } })
    #expect(other.signals.map(\.id) == run.signals.map(\.id))
  }
}
