import OrderFlow
import Testing

@testable import RuleEngine

@Suite("Engine")
struct EngineTests {
  private let plain =
    "local R = rule { title = 't' }\nfunction R.on_order(o) signal { title = 'x' } end\nreturn R"
  private let broken = "local R = rule { titel = 't' }\nfunction R.on_order(o) end\nreturn R"

  @Test("an order reaches on_order once, in order, whatever the batch", arguments: [1, 2, 7, 512])
  func eachOrderOnce(batch: Int) throws {
    let engine = TestEngine(
      "local R = rule { title = 't' }\nfunction R.on_order(o) print(o.seq, o.t) end\nreturn R")
    let run = try engine.run((1...20).map { TestOrder(Int64($0) * 1000) }, batch: batch)
    #expect(run.lines == (1...20).map { "\($0)\t\($0 * 1000)" })
    #expect(run.failures.isEmpty)
  }

  @Test("every field of an order arrives as it was, and what was not sent is nil", arguments: [1, 64])
  func fields(batch: Int) throws {
    let engine = TestEngine(
      """
      local R = rule { title = 't' }
      local names = { 'seq', 't', 'venue', 'user', 'label', 'taker', 'role', 'side', 'token_id', 'token_label', 'market_slug',
        'condition_id', 'title', 'price', 'shares', 'usd', 'usd_floor', 'tx_hash', 'order_hash', 'late' }
      function R.on_order(o)
        local values, copied = {}, copy(o)
        for i, name in ipairs(names) do
          values[i] = tostring(o[name])
          if copied[name] ~= o[name] then error(name) end
        end
        print(table.concat(values, ' '))
      end
      return R
      """)
    let full = TestOrder(5000) {
      $0.user = "0xu"; $0.taker = "0xt"; $0.role = "maker"; $0.side = "SELL"; $0.token = "9";
      $0.transaction = "0x1"
      $0.orderHash = "0xo"; $0.venue = "kalshi"
    }
    let bare = TestOrder(1000) {
      $0.label = ""; $0.market = ""; $0.transaction = "0x2"
    }
    let run = try engine.run([full, bare, full, bare], batch: batch)
    #expect(
      run.lines == [
        "1 5000 kalshi 0xu nil 0xt maker SELL 9 Yes a-market nil nil 500000 10000000 5000000 5000000 0x1 0xo false",
        "2 1000 polymarket 0xa nil nil nil BUY 1 nil nil nil nil 500000 10000000 5000000 5000000 0x2 nil false",
      ])
    #expect(run.failures.isEmpty && run.duplicates == 2)
  }

  @Test("a rule reads the same whatever fields it has learned to expect")
  func learnedFields() throws {
    let engine = TestEngine(
      """
      local R = rule { title = 't' }
      function R.on_order(o)
        if o.seq % 3 == 0 then signal { title = tostring(o.label) .. tostring(o.order_hash) .. o.token_id } end
        if o.seq % 2 == 0 then signal { title = tostring(o.market_slug) .. o.user .. o.price } end
      end
      return R
      """)
    let orders = WindowTests.flow(6, 3000)
    let run = try engine.run(orders, batch: 100)
    let expected = orders.enumerated().flatMap { place, order in
      ((place + 1) % 3 == 0 ? ["nilnil\(order.token)"] : [])
        + ((place + 1) % 2 == 0
          ? ["\(order.market.isEmpty ? "nil" : order.market)\(order.user)\(order.price)"] : [])
    }
    #expect(run.titles == expected)
  }

  @Test(
    "the watch list gives wallets their label, in conditions, keys and rules, and changes nothing else",
    arguments: [1, 64])
  func labels(batch: Int) throws {
    var engine = TestEngine(rules: [
      "any":
        "local R = rule { title = 't' }\nfunction R.on_order(o) signal { title = tostring(o.label) } end\nreturn R",
      "watched": """
      local R = rule { title = 't', where = { label = one_of('sharp', 'fund') },
        windows = { x = window.sliding { by = {'label'}, span = '1h', agg = { n = count() } } } }
      function R.on_order(o, w) signal { title = o.label .. w.x.n .. w.x.label } end
      return R
      """,
    ])
    engine.labels = ["0xa": "sharp", "0xb": "fund", "0xc": "", "0xd": "other"]
    let orders = ["0xa", "0xb", "0xc", "0xd", "0xa", "0xe", ""].enumerated().map { place, user in
      TestOrder(Int64(place)) { $0.user = user }
    }
    let run = try engine.run(orders, batch: batch)
    #expect(
      run.signals.filter { $0.rule == "any" }.map(\.title) == [
        "sharp", "fund", "nil", "other", "sharp", "nil", "nil",
      ])
    #expect(
      run.signals.filter { $0.rule == "watched" }.map(\.title) == ["sharp1sharp", "fund1fund", "sharp2sharp"])
    engine.labels = [:]
    let without = try engine.run(orders)
    #expect(without.signals.map(\.id) == run.signals.filter { $0.rule == "any" }.map(\.id))
  }

  @Test("a set with a rule that does not load is refused with every problem, or runs without it when told to")
  func badRules() throws {
    var engine = TestEngine(rules: ["a": broken, "b": plain, "C": plain, "d": broken])
    let refusal = #expect(throws: Engine.Refusal.self) { try engine.run([TestOrder(1)]) }
    #expect(refusal?.problems.map(\.rule) == ["C", "a", "d"])
    engine.options.skipsBadRules = true
    let run = try engine.run([TestOrder(1)])
    #expect(run.signals.map(\.rule) == ["b"])
    #expect(try Engine(engine.sources, options: engine.options).skipped.count == 3)
  }

  @Test("`only` runs one rule of a set, with the identities it has among the others")
  func only() throws {
    var engine = TestEngine(rules: ["a": plain, "b": plain])
    let orders = (1...5).map { TestOrder($0) }
    let all = try engine.run(orders)
    engine.options.only = "b"
    let one = try engine.run(orders)
    #expect(one.signals == all.signals.filter { $0.rule == "b" })
    #expect(one.version == all.version)
  }

  @Test("the version follows every file, parameter and table, and nothing else")
  func version() {
    let base = TestEngine(rules: ["a": plain, "b": plain])
    let version = RuleSetVersion.of(base.sources)
    var versions: Set = [version]
    var changed = base
    changed.rules["a"] = plain + "\n"
    versions.insert(RuleSetVersion.of(changed.sources))
    changed = base
    changed.libraries = ["a": plain]
    versions.insert(RuleSetVersion.of(changed.sources))
    changed = base
    changed.parameters = ["a": ["x": "1"]]
    versions.insert(RuleSetVersion.of(changed.sources))
    var sources = base.sources
    sources.tables = [RuleSources.File(name: "wallets.csv", source: [1])]
    versions.insert(RuleSetVersion.of(sources))
    sources.tables = [RuleSources.File(name: "wallets.csv", source: [1, 2])]
    versions.insert(RuleSetVersion.of(sources))
    #expect(versions.count == 6)
    #expect(RuleSetVersion.of(base.sources) == version)
  }

  @Test("empty batches, empty rule sets and batches of repeats only are fine")
  func empty() throws {
    #expect(try TestEngine(rules: [:]).run([TestOrder(1), TestOrder(2)]).orders == 2)
    let engine = try Engine(TestEngine(plain).sources)
    var output = EngineOutput()
    engine.process(UnsafeMutableBufferPointer(start: nil, count: 0), into: &output)
    #expect(output.orderCount == 0)
    for expected in [1, 0, 0] {
      let laid = OrderBatch([TestOrder(1) { $0.transaction = "0x1" }])
      engine.process(laid.orders, into: &output)
      #expect(output.orderCount == expected)
      #expect(output.signals.count == expected)
    }
  }

  @Test("orders are numbered from where the journal ended")
  func sequence() throws {
    let engine = try Engine(TestEngine(plain).sources)
    engine.startSequence(after: 41)
    var output = EngineOutput()
    let laid = OrderBatch([TestOrder(1), TestOrder(2)])
    engine.process(laid.orders, into: &output)
    #expect(output.signals.map(\.signal.seq) == [42, 43])
    #expect(engine.lastSequence == 43)
  }

  @Test("a kill of the run that is repeated is repeated at its order, also in a rule without a header")
  func repeatedKill() throws {
    var engine = TestEngine(rules: ["a": plain, "b": plain])
    engine.options.kills = [Kill(rule: "a", hook: "on_order", seq: 2)]
    let run = try engine.run((1...3).map { TestOrder($0) })
    #expect(run.signals.map { "\($0.rule)\($0.seq)" } == ["a1", "b1", "b2", "a3", "b3"])
    #expect(run.failures.map(\.kind) == ["killed"])
    #expect(run.failures[0].seq == 2 && run.failures[0].rule == "a")
  }
}
