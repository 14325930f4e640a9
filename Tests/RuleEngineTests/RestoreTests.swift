import COrderFlow
import OrderFlow
import Testing

@testable import RuleEngine

@Suite("Taking a run up again")
struct RestoreTests {
  static let rules = [
    "a_windows": """
    local R = rule { title = 'w',
      windows = {
        s = window.sliding { by = {'user'}, span = '30s', agg = { n = count(), usd = sum 'usd', hi = max 'price' } },
        u = window.tumbling { by = {'token_id'}, span = '20s', agg = { n = count() } } },
      dedup = { by = {'user'}, hold = '40s' } }
    function R.on_order(o, w)
      if w.s.n >= 3 then signal { title = w.s.n .. ' ' .. w.s.usd .. ' ' .. w.s.hi } end
    end
    function R.on_close(name, key, g) signal { title = name .. ' ' .. g.n, hold = '0s' } end
    return R
    """,
    "b_state": """
    local R = rule { title = 's', timers = { sweep = '15s' } }
    function R.on_order(o)
      state.n = (state.n or 0) + 1
      state[o.user] = (state[o.user] or 0) + o.shares
      if state.n % 7 == 0 then signal { title = state.n .. ' ' .. state[o.user] .. (o.late and ' late' or '') } end
    end
    function R.on_timer(name, t) signal { title = name .. ' ' .. t .. ' ' .. (state.n or 0) } end
    return R
    """,
    "b_steps": """
    local R = rule { title = 'q', dedup = { by = {'user'}, hold = '10s' }, sequences = {
      pair = sequence { by = {'user'}, within = '30s', step 'a' { token_id = '1' }, never 'n' { token_id = '0' },
        step 'b' { token_id = '2' }, step 'c' { token_id = one_of('1', '3') } },
      quiet = sequence { by = {'user', 'token_id'}, within = '25s', step 'a' { shares = at_least(5000000) },
        step 'b' {}, never 'n' { shares = at_most(2000000) } } } }
    function R.on_sequence(name, m)
      signal { title = name .. ' ' .. table.concat(m:orders(), ' ') .. ' ' .. now() }
    end
    return R
    """,
    "c_fails": """
    local R = rule { title = 'f' }
    function R.on_order(o)
      if o.user == 'u3' and o.seq % 5 == 0 then error('x') end
      if o.seq % 11 == 0 then signal { title = 'fine ' .. o.seq } end
    end
    return R
    """,
  ]

  @Test(
    "a run that was cut at any event and taken up again says what an undisturbed one says",
    arguments: 1...24)
  func cut(seed: Int) throws {
    let events = Drive.events(UInt64(seed), 400)
    let sources = TestEngine(rules: Self.rules).sources
    var whole = Drive(engine: try Engine(sources))
    var wholeLog = EventLog()
    whole.feed(events[...], batch: 16, &wholeLog)

    var random = SeededRandom(UInt64(seed) + 1000)
    let saveAt = Int.random(in: 0..<events.count, using: &random)
    let cutAt = Int.random(in: saveAt..<events.count, using: &random)
    var first = Drive(engine: try Engine(sources))
    var log = EventLog()
    // Marks: the clock behind some events, as a journal keeps them.
    var marks: [(seq: Int64, clock: Int64)] = []
    var at = 0
    while at < saveAt {
      let end = min(saveAt, at + 13)
      first.feed(events[at..<end], batch: 8, &log)
      marks.append((first.engine.lastSequence, first.engine.clock))
      at = end
    }
    var states: [String: SavedRule] = [:]
    for (rule, saved) in first.engine.savedStates() { states[rule] = try saved.get() }
    let savedClock = first.engine.clock
    first.feed(events[saveAt..<cutAt], batch: 32, &log)

    var second = Drive(engine: try Engine(sources))
    let memory = try #require(second.engine.memory)
    let mark = savedClock == .min ? nil : marks.last { $0.clock <= savedClock - memory }
    let end = first.engine.lastSequence
    let unreadable = try second.engine.begin(
      after: mark?.seq ?? 0, clock: mark?.clock, states: states, end: end)
    #expect(unreadable == [])
    log.restore(into: second.engine, after: mark?.seq ?? 0)
    second.engine.endRestoring(at: end)
    #expect(second.engine.clock == first.engine.clock)
    second.feed(events[cutAt...], batch: 16, &log)

    #expect(first.signals + second.signals == whole.signals)
    #expect(first.folds.merging(second.folds) { $1 } == whole.folds)
    #expect(second.engine.lastSequence == whole.engine.lastSequence)
  }

  @Test("a rule that is new to the journal fills its windows from it and says nothing about the past")
  func newRule() throws {
    let events = Drive.events(3, 200)
    var first = Drive(engine: try Engine(TestEngine(rules: ["b_state": Self.rules["b_state"]!]).sources))
    var log = EventLog()
    first.feed(events[..<190], batch: 16, &log)
    let engine = try Engine(TestEngine(rules: ["a_windows": Self.rules["a_windows"]!]).sources)
    let end = first.engine.lastSequence
    _ = try engine.begin(after: 0, clock: nil, states: [:], end: end)
    log.restore(into: engine, after: 0)
    engine.endRestoring(at: end)
    #expect(engine.totals[0].signals == 0)
    var second = Drive(engine: engine)
    second.feed(events[190...], batch: 16, &log)
    #expect(second.signals.contains { $0.title.hasPrefix("3 ") || $0.title.hasPrefix("4 ") })
  }

  @Test("keys of open holds are kept whatever they contain")
  func keys() {
    var folder = SignalFolder(lateness: 0)
    let keys = ["", "a|b", "tab\tnewline\nbackslash\\", "\\n", "é💩\u{0}", "\r"]
    for (place, key) in keys.enumerated() {
      let id = Digest128(high: UInt64(place), low: 1)
      #expect(folder.look(key: key, id: id, time: 10, clock: 10, hold: 100, severity: .high) == .fires)
    }
    var restored = SignalFolder(lateness: 0)
    restored.restore(folder.saved)
    #expect(restored.saved == folder.saved)
    for (place, key) in keys.enumerated() {
      let id = Digest128(high: UInt64(place), low: 1)
      #expect(
        restored.look(key: key, id: .init(high: 9, low: 9), time: 20, clock: 20, hold: 100, severity: .high)
          == .folded(into: id, count: 1))
    }
  }

  @Test("a tick runs what is due once, gets a number of its own and never turns the clock back")
  func tick() throws {
    let engine = try Engine(
      TestEngine(
        """
        local R = rule { title = 't', timers = { a = '10s' } }
        function R.on_timer(name, t) signal { title = name .. t } end
        return R
        """
      ).sources)
    var output = EngineOutput()
    #expect(!engine.tick(5_000, into: &output))
    let laid = OrderBatch([TestOrder(11_000)][...])
    engine.process(UnsafeMutableBufferPointer(rebasing: laid.orders[..<1]), into: &output)
    #expect(engine.tick(31_000, into: &output))
    #expect(output.signals.map(\.signal.title) == ["a20000", "a30000"])
    #expect(output.signals.map(\.signal.seq) == [2, 2])
    #expect(engine.lastSequence == 2 && engine.clock == 31_000)
    #expect(!engine.tick(30_000, into: &output))
    #expect(output.signals.isEmpty && engine.lastSequence == 2)
  }
}
