import OrderFlow
import Testing

@testable import RuleEngine

/// Orders of one wallet as `A10 B12`: a kind (the price) and the time in seconds.
private func orders(_ text: String, user: String = "0xa") -> [TestOrder] {
  text.split(separator: " ").map { word in
    let kind = word.utf8.first.map { Int64($0) - 64 } ?? 0
    let time = Int64((Double(word.dropFirst()) ?? 0) * 1000)
    return TestOrder(1_000_000 + time) {
      $0.price = kind
      $0.user = user
    }
  }
}

private func engine(_ sequence: String, within: Int64 = 60_000, hooks: String = "") -> TestEngine {
  let body = ReferenceSequence("s", sequence, within: within).source
  return TestEngine(
    """
    local R = rule { title = 't', sequences = { \(body) } }
    function R.on_sequence(name, match)
      signal { title = table.concat(match:orders(), ' ') }
    end
    \(hooks)
    return R
    """)
}

/// A sequence, orders, and the journal numbers of the orders of each match, in the order they are found.
struct SequenceCase: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var sequence: String
  var orders: String
  var matches: [String]

  init(_ name: String, _ sequence: String, _ orders: String, _ matches: [String]) {
    testDescription = name
    self.sequence = sequence
    self.orders = orders
    self.matches = matches
  }
}

@Suite("Sequences")
struct SequenceTests {
  static let cases: [SequenceCase] = [
    .init("steps in order match", "A B C", "A1 B2 C3", ["1 2 3"]),
    .init("steps out of order do not", "A B C", "B1 A2 C3 B4", []),
    .init("the newest first step replaces the older one", "A B", "A1 A2 B3 B4", ["2 3"]),
    .init("matches may overlap", "A B C", "A1 B2 A3 C4 B5 C6", ["1 2 4", "3 5 6"]),
    .init("a newer match replaces an older one behind the same step", "A B C", "A1 B2 A3 B4 C5", ["3 4 5"]),
    .init("one order moves a match one step only", "A A A", "A1 A2 A3 A4 A5", ["1 2 3", "2 3 4", "3 4 5"]),
    .init("an order may end one match and begin another", "A A", "A1 A2 A3", ["1 2", "2 3"]),
    .init("a step may take several kinds", "A BC A", "A1 C2 A3", ["1 2 3"]),
    .init("a step without conditions takes every order", "A *", "A1 Z2 Z3", ["1 2"]),
    .init("the last step may come exactly at the end", "A B", "A0 B60", ["1 2"]),
    .init("and not a millisecond later", "A B", "A0 B60.001", []),
    .init("the time runs from the first step, not from the step before", "A B C", "A0 B50 C60.001", []),
    .init("a never between steps ends the match", "A !N B", "A1 N2 B3", []),
    .init("a never before the first step does not", "A !N B", "N1 A2 B3", ["2 3"]),
    .init("a never behind the last step does not", "A !N B", "A1 B2 N3", ["1 2"]),
    .init("a never counts at its place only", "A B !N C", "A1 N2 B3 C4", ["1 3 4"]),
    .init("a never ends what is at its place and nothing else", "A B !N C", "A1 B2 A3 N4 B5 C6", ["3 5 6"]),
    .init("what comes in the same second is behind by its place in the journal", "A !N B", "A1 N1 B1", []),
    .init("and before by it", "A !N B", "N1 A1 B1", ["2 3"]),
    .init("an order that is the next step is no never", "A !B BC", "A1 B2", ["1 2"]),
    .init("several nevers stand at one place", "A !M !N B", "A1 M2 B3 A4 N5 B6 A7 B8", ["7 8"]),
    .init("a late order takes a step behind the one before it", "A B C", "A10 Z20 B12 C21", ["1 3 4"]),
    .init("and none before it", "A B", "A10 Z20 B9", []),
    .init("a late first step begins nothing newer", "A B", "A10 A8 B11", ["1 3"]),
    .init("a late first step begins a match of its own", "A B", "Z20 A8 B21", ["2 3"]),
    .init("a late match does not replace a newer one", "A B C", "A10 B11 A5 B12 C13", ["1 2 5"]),
    .init("a late never ends what is pending at its time", "A !N B C", "A10 B20 N15 C21", []),
    .init("and not what was at another place then", "A !N B C", "A10 B20 N21 C22", ["1 2 4"]),
    .init("a match that was found stays found", "A !N B", "A10 B20 N15", ["1 2"]),
    .init("a step that comes late is not taken past a never that was seen", "A !N B", "N15 A10 B20", []),
    .init("but up to it", "A !N B", "N15 A10 B12", ["2 3"]),
    .init("what is older than all that can be pending is left out", "A B", "Z100 A34.999 B90", []),
    .init("what is as old as that is not", "A B", "Z100 A35 B90", ["2 3"]),
  ]

  @Test("as EQL documents it, and late orders", arguments: cases)
  func eql(_ example: SequenceCase) throws {
    for batch in [1, 2, 64] {
      let run = try engine(example.sequence).run(orders(example.orders), batch: batch)
      #expect(run.titles == example.matches)
      #expect(run.failures.isEmpty)
    }
  }

  @Test("each key has a machine of its own: the example of EQL's documentation")
  func documented() throws {
    // attrib, bash, cat as A, B, C; the users are root and elkbee.
    let script: [(String, String)] = [
      ("root", "A"), ("root", "A"), ("elkbee", "B"), ("root", "B"), ("root", "B"), ("elkbee", "A"),
      ("root", "A"),
      ("elkbee", "B"), ("root", "C"), ("elkbee", "C"), ("root", "C"),
    ]
    var flow: [TestOrder] = []
    for (place, (user, kind)) in script.enumerated() { flow += orders("\(kind)\(place)", user: user) }
    #expect(try engine("A B C").run(flow).titles == ["2 4 9", "6 8 10"])
  }

  @Test("on_sequence comes behind on_order of the order that completes, in the order of names")
  func orderOfHooks() throws {
    let first = ReferenceSequence("b", "A B", within: 60_000).source
    let second = ReferenceSequence("a", "A B", within: 60_000).source
    let rule = TestEngine(
      """
      local R = rule { title = 't', sequences = { \(first), \(second) }, where = { price = one_of(1, 2) },
        windows = { x = window.sliding { by = {'user'}, span = '1m', agg = { n = count() } } } }
      function R.on_order(o, w) print('order', o.seq) signal { title = 'o' .. o.seq } end
      function R.on_sequence(name, match, w) print(name, match.last, now(), w.x.n) signal { title = name } end
      return R
      """)
    for batch in [1, 3, 64] {
      let run = try rule.run(orders("A1 B2 C3 A4 B5"), batch: batch)
      #expect(
        run.lines == [
          "order\t1", "order\t2", "a\t1002000\t1002000\t2", "b\t1002000\t1002000\t2", "order\t4", "order\t5",
          "a\t1005000\t1005000\t5", "b\t1005000\t1005000\t5",
        ])
      #expect(run.titles == ["o1", "o2", "a", "b", "o4", "o5", "a", "b"])
      #expect(Set(run.signals.map(\.id)).count == 8)
    }
  }

  @Test(
    "a match hands over its orders as they were, and its signal has their evidence and the last one's fields")
  func contents() throws {
    let rule = TestEngine(
      """
      local R = rule { title = 't', sequences = { s = sequence { by = {'token_id', 'side', 'role'}, within = '1m',
        step 'one' { side = 'BUY' }, step 'two' {} } } }
      function R.on_sequence(name, m)
        local a = m.steps.one
        print(name, m.key.token_id, m.key.side, m.key.role, m.first, m.last, m.truncated)
        print(a.seq, a.t, a.side, a.price, a.shares, a.usd, a.usd_floor, a.user, a.token_id, a.market_slug)
        print(m.steps.two.seq, m.steps.two.market_slug)
        signal { title = 'x' }
        signal { title = 'y', evidence = { a.seq }, key = 'k', market = 'other' }
      end
      return R
      """)
    var flow = orders("A1 B2")
    flow[0].token = "77"; flow[1].token = "77"
    flow[0].user = "0xfirst"; flow[1].market = ""
    let run = try rule.run(flow)
    #expect(
      run.lines == [
        "s\t77\tBUY\tnil\t1001000\t1002000\tfalse",
        "1\t1001000\tBUY\t1\t10000000\t5000000\t5000000\t0xfirst\t77\ta-market", "2\tnil",
      ])
    #expect(run.signals.map(\.evidence) == [[1, 2], [1]])
    #expect(run.signals.map(\.token) == ["77", "77"])
    #expect(run.signals.map(\.market) == [nil, "other"])
    #expect(run.signals.map(\.side) == ["BUY", "BUY"])
    #expect(run.signals.map(\.hasOrder) == [true, true])
    #expect(run.signals.map(\.seq) == [2, 2])
    #expect(run.evidenceKept == 3)
  }

  @Test("an error in on_sequence drops its signals alone, and on_order goes on")
  func errors() throws {
    let rule = engine("A B", hooks: "function R.on_order(o) signal { title = 'o' } end")
    var failing = rule
    failing.rules["rule"] = rule.rules["rule"]?.replacing(
      "signal { title = table", with: "signal { title = 'x' } error('no') signal { title = table")
    let run = try failing.run(orders("A1 B2 A3"))
    #expect(run.titles == ["o", "o", "o"])
    #expect(run.failures.map(\.hook) == ["on_sequence"])
    #expect(run.failures.map(\.seq) == [2])
    // An error in on_order does not keep the match from being found.
    let other = engine("A B", hooks: "function R.on_order(o) error('no') end")
    #expect(try other.run(orders("A1 B2")).titles == ["1 2"])
  }

  @Test("kills of an earlier run are repeated")
  func kills() throws {
    var rule = engine("A B")
    rule.options.kills = [Kill(rule: "rule", hook: "on_sequence", seq: 2)]
    let run = try rule.run(orders("A1 B2 A3 B4"))
    #expect(run.titles == ["3 4"])
    #expect(run.failures.map(\.kind) == ["killed"] && run.failures.map(\.seq) == [2])
  }

  @Test("a rule that fails in on_sequence too often is quarantined")
  func quarantine() throws {
    let rule = TestEngine(
      """
      local R = rule { title = 't', sequences = { s = sequence { by = {'user'}, within = '1m', step 'a' {}, step 'b' {} } } }
      function R.on_sequence() error('no') end
      return R
      """)
    let run = try rule.run((0..<20).map { TestOrder(1000 * Int64($0)) })
    #expect(run.failures.count == 5 && run.totals[0].isQuarantined)
  }

  @Test(
    "past max_keys the stalest key goes, is counted, and matches say so for as long as it would have mattered"
  )
  func caps() throws {
    let rule = TestEngine(
      """
      local R = rule { title = 't', sequences = { s = sequence { by = {'user'}, within = '10s', max_keys = 2,
        step 'a' { price = 1 }, step 'b' { price = 2 } } } }
      function R.on_sequence(name, m) signal { title = m.key.user .. tostring(m.truncated) } end
      return R
      """)
    var flow = orders("A1", user: "u1") + orders("A2", user: "u2") + orders("A3", user: "u3")
    flow +=
      orders("B4", user: "u1") + orders("B5", user: "u2") + orders("A15", user: "u4")
      + orders("B16", user: "u4")
    flow += orders("A17", user: "u5") + orders("B17", user: "u5")
    let run = try rule.run(flow)
    #expect(run.titles == ["u2true", "u4true", "u5false"])
    #expect(run.totals[0].droppedGroups == 1)
  }

  @Test("a signal of a match folds by the dedup of its last order")
  func folding() throws {
    var rule = engine("A B")
    rule.rules["rule"] = rule.rules["rule"]?.replacing(
      "title = 't',", with: "title = 't', dedup = { by = {'user'}, hold = '1m' },")
    let run = try rule.run(orders("A1 B2 A3 B4") + orders("A5 B6", user: "0xb"))
    #expect(run.titles == ["1 2", "5 6"])
    #expect(run.signals.map(\.foldCount) == [1, 0])
    #expect(run.signals.map(\.key) == ["0xa", "0xb"])
  }
}
