import OrderFlow
import Testing

@testable import RuleEngine

@Suite("Rules that hear rules")
struct ListenTests {
  /// A rule that says one thing for each order of a wallet.
  private static func voice(_ user: String, extra: String = "") -> String {
    """
    local R = rule { title = 'v' }
    function R.on_order(o)
      if o.user == '\(user)' then signal { title = '\(user) ' .. o.t, data = { t = o.t }\(extra) } end
    end
    return R
    """
  }

  private static func ear(_ names: String, _ body: String, header: String = "") -> String {
    """
    local R = rule { title = 'e', listens = { \(names) }\(header) }
    \(body)
    return R
    """
  }

  private static func orders(_ count: Int) -> [TestOrder] {
    (0..<count).map { place in
      TestOrder(1_000_000 + Int64(place) * 1000) {
        $0.user = "u\(place % 3)"
        $0.transaction = "0x\(place)"
      }
    }
  }

  @Test(
    "signals are heard behind the order they belong to, whatever the batch and the threads",
    arguments: [1, 2, 7, 64], [1, 4])
  func order(batch: Int, threads: Int) throws {
    let rules = [
      "b_voice": Self.voice("u0"), "c_voice": Self.voice("u1"),
      "a_ear": Self.ear(
        "'b_voice', 'c_voice'",
        """
        function R.on_order(o) state.log = (state.log or '') .. ' o' .. o.seq end
        function R.on_signal(s)
          state.log = (state.log or '') .. ' s' .. s.seq
          signal { title = s.rule .. state.log, data = s.data }
        end
        """),
      // Hears an ear: a level further up.
      "d_ear": Self.ear("'a_ear'", "function R.on_signal(s) signal { title = 'heard ' .. s.title } end"),
    ]
    let run = try TestEngine(rules: rules).run(Self.orders(6), batch: batch, threads: threads)
    let said = run.signals.filter { $0.rule == "a_ear" }.map(\.title)
    #expect(
      said == [
        "b_voice o1 s1", "c_voice o1 s1 o2 s2", "b_voice o1 s1 o2 s2 o3 o4 s4",
        "c_voice o1 s1 o2 s2 o3 o4 s4 o5 s5",
      ])
    #expect(run.signals.filter { $0.rule == "d_ear" }.map(\.title) == said.map { "heard " + $0 })
    // By event, then by rule.
    #expect(run.signals.prefix(3).map(\.rule) == ["a_ear", "b_voice", "d_ear"])
  }

  @Test("who hears rules of several levels hears them order by order, and by rule", arguments: [1, 2, 7, 64])
  func levels(batch: Int) throws {
    let rules = [
      "z_voice": Self.voice("u0"),
      "b_ear": Self.ear("'z_voice'", "function R.on_signal(s) signal { title = 'b' } end"),
      "c_both": Self.ear(
        "'z_voice', 'b_ear'",
        """
        function R.on_order(o) state.log = (state.log or '') .. ' o' .. o.seq end
        function R.on_signal(s)
          state.log = (state.log or '') .. ' ' .. s.rule:sub(1, 1) .. s.seq
          signal { title = state.log }
        end
        """),
    ]
    let run = try TestEngine(rules: rules).run(Self.orders(7), batch: batch)
    let last = run.signals.last { $0.rule == "c_both" }?.title
    #expect(last == " o1 b1 z1 o2 o3 o4 b4 z4 o5 o6 o7 b7 z7")
  }

  @Test("what a signal says is what is heard, and its order is the default of what is said of it")
  func fields() throws {
    let data = """
      , severity = 'high', confidence = 0.25, action = 'buy', key = 'k', evidence = { o.seq },
      data = { text = 'q"\\\\\\n\\t\\1é💩', list = { 1, -2, 3.5, true, false }, deep = { { x = {} } }, big = math.maxinteger } 
      """
    let rules = [
      "voice": Self.voice("u0").replacing(", data = { t = o.t }", with: data),
      "ear": Self.ear(
        "'voice'",
        """
        function R.on_signal(s)
          local d = s.data
          assert(d.text == 'q"\\\\\\n\\t\\1é💩', d.text)
          assert(#d.list == 5 and d.list[2] == -2 and d.list[3] == 3.5 and d.list[4] == true and d.list[5] == false)
          assert(math.type(d.list[1]) == 'integer' and d.big == math.maxinteger and next(d.deep[1].x) == nil)
          assert(s.rule == 'voice' and s.severity == 'high' and s.confidence == 0.25 and s.action == 'buy')
          assert(s.key == 'k' and #s.id == 32 and s.evidence[1] == s.seq and s.user == 'u0' and s.market == 'a-market')
          assert(s.late == false and s.warming == false and s.data_gap == false)
          s.kept = true
          state.s = s
          signal { title = 'fine' }
        end
        """),
    ]
    let run = try TestEngine(rules: rules).run(Self.orders(2))
    #expect(run.failures.map(\.message) == [])
    let said = try #require(run.signals.first { $0.rule == "ear" })
    #expect(said.market == "a-market" && said.token == "1" && said.side == "BUY" && said.evidence == [1])
    #expect(!said.hasOrder && said.seq == 1)
  }

  @Test("repeats that are folded are not heard, and two signals of one event are two calls")
  func folded() throws {
    let rules = [
      "voice": """
      local R = rule { title = 'v', dedup = { by = { 'user' }, hold = '1h' } }
      function R.on_order(o)
        signal { title = 'held' }
        signal { title = 'free ' .. o.seq, hold = '0s' }
      end
      return R
      """,
      "ear": Self.ear("'voice'", "function R.on_signal(s) signal { title = s.title } end"),
    ]
    let run = try TestEngine(rules: rules).run(Self.orders(6))
    #expect(
      run.signals.filter { $0.rule == "ear" }.map(\.title)
        == ["held", "free 1", "held", "free 2", "held", "free 3", "free 4", "free 5", "free 6"])
    #expect(Set(run.signals.map(\.id)).count == run.signals.count)
  }

  @Test("signals of timers and of the end of windows are heard too")
  func timers() throws {
    let rules = [
      "voice": """
      local R = rule { title = 'v', timers = { tick = '2s' } }
      function R.on_timer(name, t) signal { title = 'at ' .. t } end
      return R
      """,
      "ear": Self.ear("'voice'", "function R.on_signal(s) signal { title = s.title .. ' ' .. now() } end"),
    ]
    let run = try TestEngine(rules: rules).run(Self.orders(5), batch: 3)
    #expect(
      run.signals.filter { $0.rule == "ear" }.map(\.title)
        == ["at 1002000 1002000", "at 1004000 1004000"])
  }

  @Test("an error in on_signal is that rule's, names the hook, and quarantines it at the fifth")
  func errors() throws {
    let rules = [
      "voice": Self.voice("u0"),
      "ear": Self.ear("'voice'", "function R.on_signal(s) error('oh') end"),
    ]
    let run = try TestEngine(rules: rules).run(Self.orders(30))
    let failures = run.failures.filter { $0.rule == "ear" }
    #expect(failures.count == 5 && failures.allSatisfy { $0.hook.hasPrefix("on_signal ") })
    #expect(run.signals.filter { $0.rule == "voice" }.count == 10)
    #expect(run.signals.contains { $0.rule == "betterbot/quarantine" && $0.key == "ear" })
  }

  @Test(
    "listens that cannot be is a load error that says why",
    arguments: [
      (["ear": "'vioce'"], "listens names 'vioce', which is no rule (did you mean 'voice'?)"),
      (["ear": "'ear'"], "listens to itself"), (["ear": "'voice', 'voice'"], "names voice twice"),
      (["ear": "'eye'", "eye": "'ear'"], "listens makes a cycle: ear → eye → ear"),
      (["a": "'b'", "b": "'c'", "c": "'a'"], "listens makes a cycle: a → b → c → a"),
      (["ear": ""], "never called"),
    ] as [([String: String], String)])
  func refused(ears: [String: String], message: String) throws {
    var rules = ["voice": Self.voice("u0")]
    for (name, list) in ears { rules[name] = Self.ear(list, "function R.on_signal(s) end") }
    let refusal = #expect(throws: Engine.Refusal.self) { try Engine(TestEngine(rules: rules).sources) }
    #expect(refusal?.problems.contains { $0.message.contains(message) } == true, "\(refusal?.problems ?? [])")
    // Whoever is in the cycle, and nobody else, is left out when bad rules are.
    var options = Engine.Options()
    options.skipsBadRules = true
    #expect(try Engine(TestEngine(rules: rules).sources, options: options).rules == ["voice"])
  }

  @Test("a removed rule that is still listened to stops the swap")
  func removed() throws {
    let rules = ["voice": Self.voice("u0"), "ear": Self.ear("'voice'", "function R.on_signal(s) end")]
    let engine = try Engine(TestEngine(rules: rules).sources)
    let refusal = #expect(throws: Engine.Refusal.self) {
      try RuleSetDraft(TestEngine(rules: ["ear": rules["ear"]!]).sources, replacing: engine.outline)
    }
    #expect(refusal?.problems.map(\.message) == ["listens names 'voice', which is no rule; there are ear"])
  }

  @Test("a run that was cut and taken up again hears what an undisturbed one hears", arguments: 1...8)
  func restored(seed: Int) throws {
    let rules = RestoreTests.rules.merging([
      "z_ear": Self.ear(
        "'a_windows', 'b_state', 'c_fails'",
        """
        function R.on_signal(s)
          state.n = (state.n or 0) + 1
          if state.n % 3 == 0 then signal { title = state.n .. s.title } end
        end
        """)
    ]) { $1 }
    let events = Drive.events(UInt64(seed), 200)
    let sources = TestEngine(rules: rules).sources
    var whole = Drive(engine: try Engine(sources))
    var wholeLog = EventLog()
    whole.feed(events[...], batch: 16, &wholeLog)
    #expect(whole.signals.contains { $0.rule == "z_ear" })

    var random = SeededRandom(UInt64(seed) + 9)
    let saveAt = Int.random(in: 0..<200, using: &random)
    let cutAt = Int.random(in: saveAt..<200, using: &random)
    var first = Drive(engine: try Engine(sources))
    var log = EventLog()
    first.feed(events[..<saveAt], batch: 8, &log)
    var states: [String: SavedRule] = [:]
    for (rule, saved) in first.engine.savedStates() { states[rule] = try saved.get() }
    first.feed(events[saveAt..<cutAt], batch: 32, &log)
    var second = Drive(engine: try Engine(sources))
    let end = first.engine.lastSequence
    _ = try second.engine.begin(after: 0, clock: nil, states: states, end: end)
    log.restore(into: second.engine, after: 0)
    second.engine.endRestoring(at: end)
    second.feed(events[cutAt...], batch: 16, &log)
    #expect(first.signals + second.signals == whole.signals)
  }
}
