import OrderFlow
import Testing

@testable import RuleEngine

@Suite("Resuming a quarantined rule")
struct ResumeRuleTests {
  private static let failing = """
    local R = rule { title = 'q',
      windows = { s = window.sliding { by = {'side'}, span = '1h', agg = { n = count() } } } }
    function R.on_order(o, w)
      if o.user == 'bad' then error('x') end
      signal { title = 'n ' .. w.s.n }
    end
    return R
    """
  private static let hearing = """
    local R = rule { title = 'h', listens = { 'q' } }
    function R.on_signal(s) state.n = (state.n or 0) + 1 end
    return R
    """
  private static let plain =
    "local R = rule { title = 'p' }\nfunction R.on_order(o) state.n = 1 end\nreturn R\n"

  private func drive(threads: Int) throws -> Drive {
    var options = Engine.Options()
    options.threads = threads
    let sources = TestEngine(rules: ["q": Self.failing, "h": Self.hearing, "p": Self.plain]).sources
    return Drive(engine: try Engine(sources, options: options))
  }

  private func orders(_ places: Range<Int>, user: String) -> ArraySlice<Drive.Event> {
    places.map { place in
      .order(
        TestOrder(1_000_000 + Int64(place)) { order in
          order.transaction = "0x\(place)"
          order.user = user
        })
    }[...]
  }

  @Test("is called from the next event on, with the windows that went on meanwhile", arguments: [1, 3])
  func resumed(threads: Int) throws {
    var drive = try drive(threads: threads)
    var log = EventLog()
    drive.feed(orders(0..<2, user: "good"), batch: 3, &log)
    #expect(try drive.engine.resume("q") == nil, "nothing to resume")
    drive.feed(orders(2..<10, user: "bad"), batch: 3, &log)
    drive.feed(orders(10..<12, user: "good"), batch: 1, &log)
    #expect(drive.engine.totals.map(\.isQuarantined) == [false, false, true])
    #expect(drive.engine.totals.map(\.errors) == [0, 0, 5] && drive.engine.totals.map(\.kills) == [0, 0, 0])
    let states = try #require(try drive.engine.resume("q"))
    #expect(states.keys.sorted() == ["h", "q"], "what hears others is kept too, and nothing else")
    #expect(states["q"]?.seq == 12 && states["q"]?.failures == "" && states["q"]?.isQuarantined == false)
    #expect(drive.engine.totals.map(\.isQuarantined) == [false, false, false])
    drive.feed(orders(12..<13, user: "good"), batch: 1, &log)
    #expect(drive.signals.filter { $0.rule == "q" }.map(\.title) == ["n 1", "n 2", "n 13"])
    #expect(try drive.engine.resume("q") == nil && drive.engine.resume("nobody") == nil)
  }

  @Test("its errors are counted from nought: the fifth new one is the next quarantine")
  func again() throws {
    var drive = try drive(threads: 1)
    var log = EventLog()
    drive.feed(orders(0..<6, user: "bad"), batch: 2, &log)
    _ = try drive.engine.resume("q")
    drive.feed(orders(6..<10, user: "bad"), batch: 1, &log)
    #expect(drive.engine.totals.last?.isQuarantined == false)
    drive.feed(orders(10..<11, user: "bad"), batch: 1, &log)
    #expect(drive.engine.totals.last?.isQuarantined == true)
    #expect(drive.signals.filter { $0.rule == "betterbot/quarantine" }.count == 2)
  }
}
