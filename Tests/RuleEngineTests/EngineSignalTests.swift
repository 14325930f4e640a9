import OrderFlow
import Testing

@testable import RuleEngine

@Suite("Signals")
struct EngineSignalTests {
  /// A rule whose `on_order` is this text.
  private func rule(_ body: String, header: String = "title = 't'") -> TestEngine {
    TestEngine("local R = rule { \(header) }\nfunction R.on_order(o) \(body) end\nreturn R")
  }

  @Test(
    "a signal carries its order's market, token, side, wallet, time and severity unless it says otherwise")
  func defaults() throws {
    let engine = rule(
      """
      signal { title = 'plain' }
      signal { title = 'own', severity = 'critical', confidence = 0.25, key = 'k', market = 'm', token = 't', side = 's',
        action = 'act', evidence = { o.seq, 7 } }
      """, header: "title = 't', severity = 'low'")
    let run = try engine.run([TestOrder(5000) { $0.user = "0xu" }])
    let plain = run.signals[0]
    let own = run.signals[1]
    #expect(plain.market == "a-market" && plain.token == "1" && plain.side == "BUY" && plain.user == "0xu")
    #expect(plain.severity == .low && plain.confidence == nil && plain.data == nil && plain.key == "")
    #expect(plain.time == 5000 && plain.seq == 1 && plain.hasOrder && plain.evidence == [1])
    #expect(own.market == "m" && own.token == "t" && own.side == "s" && own.action == "act" && own.key == "k")
    #expect(own.severity == .critical && own.confidence == 0.25 && own.evidence == [1, 7])
    #expect(plain.version == run.version && run.version.count == 16)
  }

  @Test("signals of one event are told apart by their ordinal; folded or failed ones do not shift the others")
  func ordinals() throws {
    let three = rule("signal { title = 'a' } signal { title = 'b' } signal { title = 'c' }")
    let caught = rule(
      "signal { title = 'a' } pcall(signal, { title = 5 }) signal { title = 'b' } signal { title = 'c' }")
    let orders = [TestOrder(1000), TestOrder(2000)]
    let ids = try three.run(orders).signals.map(\.id)
    #expect(Set(ids).count == 6)
    #expect(try caught.run(orders).signals.map(\.id) == ids)
  }

  @Test(
    "an identity depends on the rule and the order alone: not on batches, threads, numbers or other rules")
  func identity() throws {
    let body = "local R = rule { title = 't' }\nfunction R.on_order(o) signal { title = 'x' } end\nreturn R"
    let orders = WindowTests.flow(3, 100)
    let alone = try TestEngine(rules: ["b": body]).run(orders)
    let among = try TestEngine(rules: ["a": body, "b": body, "c": body]).run(orders, batch: 7, threads: 3)
    #expect(among.signals.filter { $0.rule == "b" }.map(\.id) == alone.signals.map(\.id))
    #expect(Set(among.signals.map(\.id)).count == 300)
    // The same orders behind others get other numbers and keep their identities.
    var shifted = [TestOrder(1) { $0.transaction = "0xother" }]
    for (place, order) in orders.enumerated() {
      var order = order
      order.transaction = "0xtx\(place)"
      shifted.append(order)
    }
    #expect(
      try TestEngine(rules: ["b": body]).run(shifted).signals.dropFirst().map(\.id) == alone.signals.map(\.id)
    )
  }

  @Test("an order is late when it is older than the watermark, not when it is at it")
  func late() throws {
    let run = try rule("signal { title = tostring(o.late) }").run(
      [10_000, 5_000, 4_999].map { TestOrder($0) })
    #expect(run.titles == ["false", "false", "true"])
    #expect(run.signals.map(\.late) == [false, false, true])
    var patient = rule("signal { title = tostring(o.late) }")
    patient.options.lateness = 60_000
    #expect(
      try patient.run([100_000, 40_000, 39_999].map { TestOrder($0) }).titles == ["false", "false", "true"])
  }

  @Test("the 65th signal of an event is an error that takes the event's signals with it, and no other's")
  func tooMany() throws {
    let engine = rule("for i = 1, o.seq == 2 and 65 or 64 do signal { title = 'x' } end")
    let run = try engine.run([1000, 2000, 3000].map { TestOrder($0) })
    #expect(run.signals.map(\.seq) == Array(repeating: 1, count: 64) + Array(repeating: 3, count: 64))
    #expect(run.failures.map(\.kind) == ["limit"])
    #expect(run.failures[0].seq == 2)
    #expect(run.failures[0].message.contains("more than 64 signals for one event"))
  }

  @Test(
    "data becomes canonical JSON",
    arguments: [
      ("{}", "{}"), ("{ 1, 2, 3 }", "[1,2,3]"),
      ("{ b = 1, a = 2, ['A'] = 3, [''] = 4 }", #"{"":4,"A":3,"a":2,"b":1}"#),
      ("{ x = {} }", #"{"x":{}}"#), ("{ true, false }", "[true,false]"), ("'text'", #""text""#), ("7", "7"),
      (
        "{ 0.1, 1/3, 1e300, -0.0, 2.0, 1e15, 123456789012345680.0 }",
        "[0.1,0.3333333333333333,1e+300,-0.0,2.0,1e+15,1.2345678901234568e+17]"
      ),
      ("{ math.maxinteger, math.mininteger }", "[9223372036854775807,-9223372036854775808]"),
      (#"{ '\"\\\n\r\t\0\x1f\x7f/é😀' }"#, "[\"\\\"\\\\\\n\\r\\t\\u0000\\u001f\u{7f}/é😀\"]"),
      ("{ n = nil, side = o.side, label = o.label }", #"{"side":"BUY"}"#),
    ])
  func canonical(lua: String, json: String) throws {
    let run = try rule("signal { title = 'x', data = \(lua) }").run([TestOrder(1000)])
    #expect(run.failures.map(\.message) == [])
    #expect(run.signals.map(\.data) == [json])
  }

  @Test(
    "data that cannot be stored is the rule's error, with the path and the reason",
    arguments: [
      ("{ a = { b = 0/0 } }", "data.a.b: not a finite number"), ("{ -1/0 }", "data[1]: not a finite number"),
      ("{ x = print }", "data.x: a function cannot be stored"), (#"{ '\xff' }"#, "data[1]: not valid UTF-8"),
      (#"{ ['\xc0\x80'] = 1 }"#, "not valid UTF-8"), ("{ 1, nil, 3 }", "gap"), ("{ [0] = 1 }", "1 to n"),
      ("{ 1, a = 2 }", "names and numbers are mixed"), ("{ [1.5] = 1 }", "keys are names"),
      ("{ [true] = 1 }", "keys are names"),
      ("{ s = ('x'):rep(17000) }", "over"),
      ("(function() local t = {} t.t = t return t end)()", "deeper than 64 levels, or a cycle"),
    ])
  func unstorable(lua: String, reason: String) throws {
    let run = try rule("signal { title = 'first' } signal { title = 'x', data = \(lua) }").run([
      TestOrder(1000)
    ])
    #expect(run.signals.isEmpty)
    #expect(run.failures.count == 1)
    #expect(run.failures.first?.message.contains(reason) == true, "\(run.failures)")
  }

  @Test(
    "64 levels and 16 KiB fit; one more does not",
    arguments: [(64, 100, true), (65, 100, false), (1, 16_380, true), (1, 16_381, false)])
  func bounds(levels: Int, bytes: Int, fits: Bool) throws {
    // The innermost level is the list of the text; its brackets and quotes take four bytes.
    let engine = rule(
      """
      local t = { ('x'):rep(\(bytes)) }
      for i = 2, \(levels) do t = { t } end
      signal { title = 'x', data = t }
      """)
    let run = try engine.run([TestOrder(1000)])
    #expect(run.signals.count == (fits ? 1 : 0))
    #expect(run.failures.count == (fits ? 0 : 1))
  }

  @Test(
    "a field of a signal that is wrong is named",
    arguments: [
      ("signal { }", "title is missing"), ("signal { title = 5 }", "title must be text"),
      ("signal { title = 'x', sevrity = 'low' }", "unknown field 'sevrity' (did you mean 'severity'?)"),
      ("signal { title = 'x', severity = 'bad' }", "severity is one of info, low, medium, high, critical"),
      ("signal { title = 'x', confidence = 1.5 }", "confidence"),
      ("signal { title = 'x', confidence = 0/0 }", "confidence"),
      ("signal { title = 'x', hold = 'soon' }", "hold is a duration"),
      ("signal { title = 'x', hold = -1 }", "hold is a duration"),
      ("signal { title = 'x', evidence = 5 }", "evidence is a list"),
      ("signal { title = 'x', evidence = { 'a' } }", "evidence is a list"),
      (#"signal { title = '\xff' }"#, "title is not valid UTF-8"),
      ("signal { title = ('x'):rep(1025) }", "title is over 1024 bytes"),
      ("signal { title = 'x', key = ('x'):rep(513) }", "key is over 512 bytes"),
      ("signal 'x'", "table expected"),
    ])
  func wrongFields(body: String, reason: String) throws {
    let run = try rule(body).run([TestOrder(1000)])
    #expect(run.signals.isEmpty)
    #expect(run.failures.first?.message.contains(reason) == true, "\(run.failures)")
    #expect(run.failures.first?.message.hasPrefix("rule.lua:2: ") == true)
  }

  @Test(
    "signals come in the order of orders, then rules, then emission, whatever the batch",
    arguments: [1, 4, 512])
  func order(batch: Int) throws {
    let twice =
      "local R = rule { title = 't' }\nfunction R.on_order(o) signal { title = '1' } signal { title = '2' } end\nreturn R"
    let run = try TestEngine(rules: ["b": twice, "a": twice]).run(
      (1...9).map { TestOrder($0) }, batch: batch, threads: 2)
    let expected = (1...9).flatMap { seq in ["a1", "a2", "b1", "b2"].map { "\(seq)\($0)" } }
    #expect(run.signals.map { "\($0.seq)\($0.rule)\($0.title)" } == expected)
  }
}
