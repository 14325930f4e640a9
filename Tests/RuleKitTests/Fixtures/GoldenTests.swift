import Documents
import RuleKit
import Testing

@Suite struct GoldenTests {
  private static let rule = """
    local R = rule { title = "r", params = { least = param.usd(100) }, dedup = { by = { "user" }, hold = "1m" } }
    function R.on_order(o)
      if o.usd < R.params.least then return end
      signal { title = "a \\"big\\" one", confidence = 0.5, data = { usd = o.usd, big = 9007199254740993, b = { 1, true } } }
    end
    return R
    """
  private static let flow = """
    +0s    alice BUY 200 @0.5 btc.Yes
    +1s    bob   BUY 20  @0.5 btc.Yes
    +2s    bob   BUY 300 @0.5 btc.Yes
    +90s   alice BUY 400 @0.5 btc.Yes
    """

  private func run(_ least: Int = 100) throws -> (RuleTest, Golden) {
    var test = try TestFileScene.test(Self.flow)
    test.parameters = ["least": "\(least)"]
    return (test, Golden(test, try TestFileScene.runner(Self.rule).run(test)))
  }

  @Test("it holds what a run gives, sorted, in decimal text, and nothing that changes between runs")
  func text() throws {
    let (_, golden) = try run()
    let text = golden.text(rule: "r", test: "a test")
    #expect(
      text.hasPrefix(
        """
        {
          "rule": "r",
          "signals": [
            {
              "at": "1",
              "confidence": "0.5",
              "data": {
                "b": [
                  "1",
                  true
                ],
                "big": "9007199254740993",
                "usd": "100000000"
              },
              "evidence": [1],
              "fold_count": 0,
              "key": "0xa11ce00000000000000000000000000000000c3e",
              "market": "btc-150k-dec",
              "severity": "medium",
              "side": "BUY",
              "time": "2026-03-01 12:00:00",
              "title": "a \\"big\\" one",
              "token": "8031",
              "user": "0xa11ce00000000000000000000000000000000c3e"
            },

        """), "\(text)")
    #expect(try run().1.text(rule: "r", test: "a test") == text)
    #expect(Golden(text.utf8) == golden)
  }

  @Test("a difference is on its order, and names the fields")
  func differences() throws {
    let (test, golden) = try run()
    #expect(GoldenComparison(golden, golden).changes.isEmpty)
    var other = golden
    other.signals[1].key = "2"
    if case .object(var fields) = other.signals[0].fields {
      fields["severity"] = .string("low")
      other.signals[0].fields = .object(fields)
    }
    let comparison = GoldenComparison(other, golden)
    #expect(comparison.changes.map(\.key) == ["1", "2", "3"])
    let found = comparison.differences(in: test, path: "g.json", isMissing: false)
    #expect(found.map(\.event) == [0, 1, 2])
    #expect(found[0].message == "severity: the golden has low, got medium")
    #expect(found[1].message == "the golden has medium \"a \"big\" one\", got nothing")
    #expect(found[2].message == "the golden has nothing, got medium \"a \"big\" one\"")
  }

  @Test("a golden that is not there is a failure that says what to do")
  func missing() throws {
    let (test, golden) = try run()
    let found = GoldenComparison(nil, golden).differences(in: test, path: "g.json", isMissing: true)
    #expect(
      found.count == 1 && found[0].message.hasPrefix("there is no g.json yet; the run gave 3 signals: "))
  }

  @Test("what is refused stays as the golden has it, what is accepted becomes what the run gave")
  func accepting() throws {
    let (_, golden) = try run()
    let (_, later) = try run(160)
    // The later run gives order 4 alone: two are gone.
    let comparison = GoldenComparison(golden, later)
    #expect(comparison.changes.map(\.key) == ["1", "3"])
    #expect(comparison.accepting(golden) { _ in true } == later)
    #expect(comparison.accepting(golden) { _ in false } == golden)
    #expect(comparison.accepting(golden) { $0.key == "1" }.signals.map(\.key) == ["3", "4"])
    let back = GoldenComparison(later, golden)
    #expect(back.accepting(later) { $0.key == "3" }.signals.map(\.key) == ["3", "4"])
  }

  @Test(
    "what is no golden is none",
    arguments: [
      "", "{}", "[]", "{\"signals\":[{\"at\":\"1\"},{\"at\":\"1\"}]}", "{\"signals\":[{}]}",
      "{\"signals\":[1]}", "{\"signals\":1}",
    ])
  func bad(_ text: String) { #expect(Golden(text.utf8) == nil) }
}
