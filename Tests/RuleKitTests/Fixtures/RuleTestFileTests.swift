import Documents
import OrderFlow
import RuleKit
import Testing

@Suite struct RuleTestFileTests {
  @Test("a file has its tests with their flow, marks and expectations")
  func reads() throws {
    let file = try TestFileScene.read(TestFileScene.sweep)
    #expect(file.rule == "sweep" && file.tests.count == 1)
    let test = file.tests[0]
    #expect(test.origin == "rules/sweep.test.yaml:6")
    #expect(test.events.count == 6 && test.isTable && test.orders == Array(0..<6))
    #expect(test.events.map(\.line) == [8, 9, 9, 9, 10, 11])
    #expect(test.events.map { ($0.time - test.start) / 1000 } == [0, 20, 30, 40, 121, 122])
    #expect(test.events[4].marks == [.signal(.high)] && test.events[5].marks == [.folded])
    #expect(test.events[0].order?[.user] == "0xa11ce00000000000000000000000000000000c3e")
    #expect(test.events[0].order?[.tokenID] == "8031" && test.events[0].order?[.title] == "BTC 150k by Dec")
    #expect(test.expectations.map(\.place) == [.order(5)])
  }

  @Test("a test takes flow, expectations and parameters from its base, and adds its own")
  func base() throws {
    let more = """
        - name: later
          base: fires once on the 5th fill, the 6th is folded
          params: { min_usd: "$30,000" }
          inject: [{ after: 3, do: restart }, { after: 2, do: late 5s }, { after: 1, do: reload, params: { a: 1 } }]

      """
    let test = try TestFileScene.read(TestFileScene.sweep + more).tests[1]
    #expect(test.name == "later" && test.events.count == 6 && test.expectations.count == 1)
    #expect(test.parameters == ["min_usd": "30000"])
    #expect(
      test.injections == [
        TestInjection(.restart, after: 3), TestInjection(.late(5000), after: 2),
        TestInjection(.reload(["a": "1"]), after: 1),
      ])
  }

  @Test("a recording, raw messages, a watch list and a golden are taken")
  func others() throws {
    let file = try TestFileScene.read(
      """
        - name: "Recorded: two orders!"
          recorded: two.jsonl
          golden: auto
        - name: raw
          tables: { wallets: { alice: insider, "0xB0B1": sharp } }
          orders: >
            {"token_id":"8031","side":"BUY","shares":1000000,"price":0.5,"tx_hash":"0x01","timestamp":1772366400,"user":"0x1"}
          expect: []

      """)
    #expect(file.tests[0].golden == "recorded-two-orders" && file.tests[0].events.count == 2)
    #expect(file.tests[0].recording == "two.jsonl" && !file.tests[0].isTable)
    #expect(
      file.tests[1].labels == ["0xa11ce00000000000000000000000000000000c3e": "insider", "0xb0b1": "sharp"])
    #expect(file.tests[1].events[0].order?.price == 500_000 && file.tests[1].hasExpectations)
  }

  /// What is wrong, and the line that says so.
  static let mistakes: [(String, String)] = [
    ("  - name: [a", "is not YAML: "),
    ("  - nam: a\n", ":6: unknown key tests.nam (did you mean 'name'?)"),
    ("  - orders: x\n", ":6: tests.name is missing: what the test shows"),
    ("  - name: a\n", ":6: test 'a' has no flow: write orders, recorded or base"),
    ("  - name: a\n    recorded: none.jsonl\n    golden: auto\n", ":7: cannot open none.jsonl: No such file"),
    (
      "  - name: a\n    golden: auto\n    orders: |\n      +0s alice BUY 1 @0.5 btc.Yes\n",
      ":7: golden needs a recording"
    ),
    ("  - name: a\n    recorded: two.jsonl\n", ":6: test 'a' does not say what is due: add expect"),
    ("  - name: a\n    recorded: two.jsonl\n    base: b\n", ":6: test 'a' has recorded and base: choose one"),
    ("  - name: a\n    base: b\n", ":7: there is no test 'b' in front of this one; there is none"),
    (
      "  - name: a\n    orders: |\n      +0s alise BUY 1 @0.5 btc.Yes\n",
      ":8: there is no wallet 'alise' (did you mean 'alice'?)"
    ),
    (
      "  - name: a\n    orders: |\n      +0s alice BUY 1 @1.5 btc.Yes\n",
      ":8: '@1.5' is no price: write @ and"
    ),
    (
      "  - name: a\n    orders: |\n\n      +0s alice BYU 1 @0.5 btc.Yes\n",
      ":9: 'BYU' is no side: write BUY or SELL"
    ),
    ("  - name: a\n    orders: |\n      +0s alice BUY x @0.5 btc.Yes\n", ":8: 'x' is no size: write shares"),
    (
      "  - name: a\n    orders: |\n      +0s alice BUY $1 @0.3 btc.Yes\n",
      ":8: $1 at that price is no whole number of millionths of a share"
    ),
    ("  - name: a\n    orders: |\n      0s alice BUY 1 @0.5 btc.Yes\n", ":8: '0s' is no time: write +20s"),
    (
      "  - name: a\n    orders: |\n      +0s alice BUY 1 @0.5 btc.Yess\n",
      ":8: market 'btc' has no outcome 'Yess' (did you mean 'Yes'?)"
    ),
    (
      "  - name: a\n    orders: |\n      +0s alice BUY 1 @0.5 bct.Yes\n",
      ":8: there is no market 'bct' (did you mean 'btc'?)"
    ),
    (
      "  - name: a\n    orders: |\n      +0s alice BUY 1 @0.5 btc.Yes #> hihg\n",
      ":8: '#> hihg' names no severity (did you mean 'high'?)"
    ),
    (
      "  - name: a\n    orders: |\n      +0s alice BUY 1 @0.5 btc.Yes rol=taker\n",
      ":8: unknown rol= (did you mean 'role'?)"
    ),
    (
      "  - name: a\n    orders: |\n      +0s alice BUY\n",
      ":8: an order is TIME WALLET BUY|SELL SHARES @PRICE"
    ),
    (
      "  - name: a\n    orders: |\n      +0s alice BUY 1 @0.5 btc.Yes #> high\n    expect: [{ at: 1, sevrity: high }]\n",
      ":9: unknown key expect.sevrity (did you mean 'severity'?)"
    ),
    (
      "  - name: a\n    orders: |\n      +0s alice BUY 1 @0.5 btc.Yes\n    expect: [{ at: 2 }]\n",
      ":9: expect.at is 2, but there are 1 orders"
    ),
    (
      "  - name: a\n    orders: |\n      +0s alice BUY 1 @0.5 btc.Yes\n    expect: [{ at: 1 }]\n",
      ":9: order 1 (line 8) is to be quiet: mark it with #>"
    ),
    (
      "  - name: a\n    orders: |\n      +0s alice BUY 1 @0.5 btc.Yes\n    inject: [{ after: 1, do: restrat }]\n",
      ":9: inject: 'restrat' cannot be done (did you mean 'restart'?)"
    ),
    (
      "  - name: a\n    orders: |\n      +0s alice BUY 1 @0.5 btc.Yes\n    inject: [{ after: 1, do: gap }]\n",
      ":9: inject: write 'gap' with a span of time"
    ),
    (
      "  - name: a\n    orders: |\n      +0s alice BUY 1 @0.5 btc.Yes\n    inject: [{ after: 2, do: restart }]\n",
      ":9: inject.after must be a whole number from 1 to 1, not 2"
    ),
    ("  - name: a\n    orders: |\n      {\"price\":1}\n    expect: []\n", ":8: orders: "),
    (
      "  - name: a\n    orders: |\n      +0s alice BUY 1 @0.5 btc.Yes\n  - name: b\n    base: a\n"
        + "    clock: 2026-03-02T00:00:00Z\n", ":11: clock does not go with base"
    ),
    ("  - name: a\n    base: x\n  - name: a\n    base: y\n", ":7: there is no test 'x'"),
    (
      "  - name: a\n    orders: |\n      +0s alice BUY 1 @0.5 btc.Yes\n  - name: a\n    base: a\n",
      ":9: there are two tests 'a'"
    ),
  ]

  @Test("a mistake is one line with the file and the line of it", arguments: mistakes)
  func mistake(_ tests: String, _ words: String) {
    let problem = #expect(throws: PlacedProblem.self) { _ = try TestFileScene.read(tests) }
    let text = problem?.description ?? ""
    #expect(text.hasPrefix("rules/sweep.test.yaml:") && text.contains(words), "\(text)")
    #expect(!text.contains("\n"))
  }

  @Test(
    "a mistake in the head is one, too",
    arguments: [
      ("rule: a\ntests: []\n", "a.yaml:2: tests must be a list of tests"),
      ("tests: [{ name: a }]\n", "a.yaml:1: rule is missing"),
      ("rule: a\nclock: noon\ntests: [{ name: a }]\n", "a.yaml:2: clock must be a time such as"),
      (
        "rule: a\nwallets: { b: 12 }\ntests: [{ name: a }]\n",
        "a.yaml:2: wallets.b must be an address in quotes"
      ),
      ("rule: a\nmarkets:\n  b: { slug: c }\ntests: [{ name: a }]\n", "a.yaml:3: market 'b' has no outcome"),
      ("rule: a\ntables: { people: {} }\ntests: [{ name: a }]\n", "a.yaml:2: unknown key tables.people"),
      (
        "rule: a\nparams: { b: $30,000 }\ntests: [{ name: a }]\n",
        "a.yaml:2: params.000 has no value; a number"
      ),
      ("- a\n", "a.yaml:1: the file must be a map of keys, such as `rule: whale_order`"),
    ])
  func headMistake(_ text: String, _ expected: String) {
    let problem = #expect(throws: PlacedProblem.self) {
      _ = try RuleTestFile.read(text, path: "a.yaml", recordings: TestFileScene.recordings)
    }
    #expect(problem?.description.hasPrefix(expected) ?? false, "\(problem?.description ?? "")")
  }
}
