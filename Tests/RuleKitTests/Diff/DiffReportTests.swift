import OrderFlow
import Testing

@testable import RuleKit

@Suite("The report of a diff")
struct DiffReportTests {
  private static func report() -> DiffReport {
    var report = DiffReport(
      before: .init(version: "1", place: "old"), after: .init(version: "2", place: "new"),
      flow: .init(place: "flow"))
    report.flow.add(2000)
    report.flow.add(1000)
    report.horizon = 3_600_000
    let guarded = DecisionReader.Reading(
      decision: Decision(kind: .condition, side: .after, file: "r.lua", line: 7, text: "b.n < 5"),
      values: "b.n 4 < 5 → true", distance: "1 more needed (80 %)")
    var gone = [1, 2, 3].map { SignalDifference(kind: .gone, before: SignalLedgerTests.signal($0)) }
    for place in [0, 2] { gone[place].reading = guarded }
    gone[0].outcome = PriceOutcome(price: 500_000, later: 530_000, move: 30_000)
    let changed = SignalDifference(
      kind: .changed, before: SignalLedgerTests.signal(9), after: SignalLedgerTests.signal(9),
      changes: [
        FieldChange(name: "data.a", before: "1", after: "2"),
        FieldChange(name: "data.b", before: "1", after: "2"),
      ])
    report.add(gone + [changed], same: ["r": 4], rules: ["q", "r"])
    return report
  }

  @Test("groups stand by kind and size, signals below them, and what is not shown is counted")
  func lines() {
    #expect(
      Self.report().lines(limit: 1).map(\.text).joined(separator: "\n") == """
        before  rule set 1, old
        after   rule set 2, new
        flow    flow: 2 orders, 1970-01-01 00:00:01 to 1970-01-01 00:00:02 UTC

        q: 0 the same

        r: 3 gone, 1 changed, 4 the same

        2 gone: r.lua:7  b.n < 5
          1h later: median +3 ¢, mean +3 ¢, 100 % in favour (1 of 1)
          1970-01-01 00:00:01  medium  00000000  t
            b.n 4 < 5 → true: 1 more needed (80 %)
            $0.50, 1h later $0.53: +3 ¢
          and 1 more (--limit shows more)

        1 gone: what decided was not looked at
          1h later: no signal has a later price
          1970-01-01 00:00:02  medium  00000000  t
            1h later: n/a

        1 changed: data
          1h later: no signal has a later price
          1970-01-01 00:00:09  medium  00000000  t
            data.a: 1 → 2
            data.b: 1 → 2
            1h later: n/a
        """)
  }

  @Test("a report without rules that differ says that nothing was read")
  func empty() {
    var report = DiffReport(
      before: .init(version: "1", place: "old"), after: .init(version: "1", place: "new"),
      flow: .init(place: "flow"))
    report.unchanged = ["a", "b"]
    #expect(!report.differs)
    #expect(
      report.lines(limit: 1).map(\.text).suffix(2) == [
        "flow    flow: not read, as no rule that is to be compared differs",
        "2 rules are the same in both and did not run: a, b",
      ])
  }

  @Test("the JSON has the same groups, one line, keys in their order")
  func json() {
    let text = String(decoding: Self.report().json(limit: 1), as: UTF8.self)
    #expect(!text.contains("\n"))
    let beginning = """
      {"before":{"version":"1","place":"old"},"after":{"version":"2","place":"new"},"flow":{"place":"flow",\
      "orders":2,"from":1000,"to":2000},"differs":true,"outcome_ms":3600000,"unchanged":[],"notes":[],"rules":[\
      {"rule":"q","gone":0,"new":0,"moved":0,"changed":0,"same":0,"groups":[]},\
      {"rule":"r","gone":3,"new":0,"moved":0,"changed":1,"same":4,"groups":[{"kind":"gone","decided":\
      {"kind":"condition","rules":"after","file":"r.lua","line":7,"condition":"b.n < 5"},"count":2,\
      "outcome":{"count":1,"in_favour":1,"median":30000,"mean":30000},"signals":[{"before":{"id":
      """
    #expect(text.hasPrefix(beginning), "\(text)")
    #expect(
      text.contains(#""outcome":{"price":500000,"later":530000,"move":30000}}]},{"kind":"gone","count":1,"#))
    #expect(text.contains(#"{"kind":"changed","fields":["data"],"count":1,"#))
  }
}
