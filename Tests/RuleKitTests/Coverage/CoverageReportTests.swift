import RuleEngine
import Testing

@testable import RuleKit

@Suite("Reports of what is covered")
struct CoverageReportTests {
  private static let text = """
    local function severity(amount)
      if amount >= 5 and amount < 9 then return "high" end
      return nil
    end
    function R.on_order(o)
      while o.n > 0 do
        o.n = o.n - 1
        o.s = o.n == 7 and R.never() or severity(o.n)
      end
    end
    function R:loop() ::top:: if self.n then self.n = nil goto top end end
    R.list = { function(a, b) return a or b end, skip = function() end }
    """

  private static func cover(_ file: String = "rules/r.lua") throws -> RuleCoverage {
    try CoverageScene.cover(text, "R.on_order({ n = 2 }) R.n = 1 R:loop()", file: file)
  }

  @Test("the trace file is what geninfo documents")
  func lcov() throws {
    #expect(
      CoverageReport([try Self.cover()]).lcov == """
        TN:
        SF:rules/r.lua
        FN:1,severity
        FN:5,R.on_order
        FN:11,R:loop
        FN:12,function@12
        FN:12,skip
        FNDA:2,severity
        FNDA:1,R.on_order
        FNDA:1,R:loop
        FNDA:0,function@12
        FNDA:0,skip
        FNF:5
        FNH:3
        BRDA:2,0,0,0
        BRDA:2,0,1,2
        BRDA:2,1,0,0
        BRDA:2,1,1,2
        BRDA:2,2,0,0
        BRDA:2,2,1,0
        BRDA:6,0,0,2
        BRDA:6,0,1,1
        BRDA:8,0,0,0
        BRDA:8,0,1,2
        BRDA:8,1,0,0
        BRDA:8,1,1,0
        BRDA:8,2,0,2
        BRDA:11,0,0,1
        BRDA:11,0,1,1
        BRDA:12,0,0,-
        BRDA:12,0,1,-
        BRDA:12,1,0,-
        BRF:18
        BRH:8
        DA:2,2
        DA:3,2
        DA:6,3
        DA:7,2
        DA:8,2
        DA:11,2
        DA:12,0
        LF:7
        LH:6
        end_of_record

        """)
  }

  @Test("JSON has the figures and what is missing")
  func json() throws {
    let text =
      "local R = rule { where = { usd = at_least(5) } }\n" + "function R.f(a)\n  if a then return 1 end\nend"
    let rule = try InstrumentedRule(Array(text.utf8), for: .coverage)
    var coverage = RuleCoverage(rule, rule: "r", file: "rules/r.lua")
    coverage.add(
      RuleCounts(
        probes: [.init(seen: 3), .init(seen: 3, truths: 3), .init(seen: 3)],
        conditions: [.init(place: .rule, subject: "usd", count: .init(seen: 4, truths: 0))]))
    #expect(
      String(decoding: CoverageReport([coverage]).json, as: UTF8.self) == """
        {"rules":[{"rule":"r","file":"rules/r.lua","percentage":60.0,\
        "lines":{"covered":1,"total":1},"branches":{"covered":1,"total":2},"operands":{"covered":1,"total":2},\
        "line_counts":{"3":3},"functions":[{"name":"R.f","line":2,"calls":3}],\
        "missing":[{"kind":"condition","line":1,"text":"usd = at_least(5)","of":"'where'","never":"true"},\
        {"kind":"branch","line":3,"text":"a","never":"false"}]}],\
        "all":{"percentage":60.0,"lines":{"covered":1,"total":1},"branches":{"covered":1,"total":2},\
        "operands":{"covered":1,"total":2}}}
        """)
  }

  @Test("several rules are told by file, with a line for all of them")
  func several() throws {
    let other = try CoverageScene.cover("function R.f(a) return a and 1 end", "R.f(1)", file: "rules/a.lua")
    let report = CoverageReport([try Self.cover(), other, try Self.cover()])
    #expect(report.rules.map(\.file) == ["rules/a.lua", "rules/r.lua"])
    #expect(report.rules[1].lines[8] == 4)
    let lines = report.text.split(separator: "\n").map(String.init)
    #expect(lines[0] == "r: lines 1 of 1 (100 %), branches none, operands 1 of 2 (50 %)")
    #expect(lines[1] == "rules/a.lua:1: the operand 'a' was never false")
    #expect(
      lines.suffix(2) == [
        "all: lines 7 of 8 (87 %), branches 5 of 6 (83 %), operands 4 of 14 (28 %)",
        "Functions are counted; the top of a file runs when the rule loads.",
      ])
  }

  @Test("a threshold is held against lines, branches and operands together")
  func threshold() throws {
    let report = CoverageReport([try Self.cover()])
    #expect(report.totals.all == CoverageShare(covered: 14, total: 25))
    #expect(report.problem(below: 56) == nil)
    #expect(report.problem(below: 90) == "coverage is 56.0 % and must be 90 %: r 56.0 %")
    #expect(report.problem(below: 56.5) == "coverage is 56.0 % and must be 56.5 %: r 56.0 %")
    #expect(CoverageReport([]).problem(below: 100) == nil)
  }

  @Test("the conditions of a header are told by their place in the text")
  func header() throws {
    let text = """
      local sells = { side = "SELL" }
      local R = rule {
        windows = {
          buys = window.sliding {
            where = { side = "BUY",
                      ["usd"] = at_least(usd(100)) },
          },
          sells = window.tumbling { where = sells },
        },
        sequences = { two = sequence { within = "1m",
          step "probe" { side = "BUY" }, never "exit" { price = at_most "cap" } } },
        where = { ["buys.n"] = at_least "min_n" },
      }
      """
    let rule = try InstrumentedRule(Array(text.utf8), for: .coverage)
    let coverage = RuleCoverage(rule, rule: "r", file: "r.lua")
    #expect(
      coverage.gaps.map(\.description) == [
        "r.lua:1: the condition 'side = \"SELL\"' of window 'sells' was never tested",
        "r.lua:5: the condition 'side = \"BUY\"' of window 'buys' was never tested",
        "r.lua:6: the condition 'usd = at_least(usd(100))' of window 'buys' was never tested",
        "r.lua:11: the condition 'side = \"BUY\"' of 'probe' of sequence 'two' was never tested",
        "r.lua:11: the condition 'price = at_most \"cap\"' of 'exit' of sequence 'two' was never tested",
        "r.lua:12: the condition 'buys.n = at_least \"min_n\"' of 'where' was never tested",
      ])
    #expect(coverage.totals.operands == CoverageShare(covered: 0, total: 12))
  }
}
