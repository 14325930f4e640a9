import RuleEngine
import Testing

@testable import RuleKit

@Suite("What runs cover of a rule")
struct CoverageTests {
  /// A text, what is called of it, and the report without its last line.
  struct Example: CustomTestStringConvertible {
    var name: String
    var text: String
    var calls: String
    var report: String
    var testDescription: String { name }
  }

  @Test("each construct of Lua is told by line, branch and operand", arguments: examples)
  func constructs(_ example: Example) throws {
    let report = CoverageReport([try CoverageScene.cover(example.text, example.calls)])
    #expect(
      report.text
        == example.report + "\nFunctions are counted; the top of a file runs when the rule loads.\n")
  }

  static let examples = [
    Example(
      name: "everything",
      text: """
        function R.f(a)
          if a then return 1 end
          return 2
        end
        """,
      calls: "R.f(1) R.f()",
      report: "r: lines 2 of 2 (100 %), branches 2 of 2 (100 %), operands none"),
    Example(
      name: "nothing",
      text: """
        function R.f(a)
          if a then return 1 end
          return a and function() return 2 end
        end
        """,
      calls: "",
      report: """
        r: lines 0 of 2 (0 %), branches 0 of 2 (0 %), operands 0 of 3 (0 %)
        r.lua:1: the function 'R.f' was never called
        """),
    Example(
      name: "and, or and not in a condition",
      text: """
        function R.f(a, b, c)
          if a and (b or not c) then return 1 end
          return 2
        end
        """,
      calls: "R.f(true, false, true)",
      report: """
        r: lines 2 of 2 (100 %), branches 1 of 2 (50 %), operands 3 of 6 (50 %)
        r.lua:2: the condition 'a and (b or not c)' was never true
        r.lua:2: the operand 'a' was never false
        r.lua:2: the operand 'b' was never true
        r.lua:2: the operand 'c' was never false
        """),
    Example(
      name: "a chain of elseif",
      text: """
        function R.f(n)
          if n > 2 then
            R.big()
          elseif n > 1 then
            R.middle()
          else
            R.small()
          end
        end

        function R.big() end
        function R.middle() end
        function R.small() end
        """,
      calls: "R.f(3)",
      report: """
        r: lines 2 of 5 (40 %), branches 1 of 4 (25 %), operands none
        r.lua:2: the condition 'n > 2' was never false
        r.lua:4: lines 4 to 7 never ran
        r.lua:12: the function 'R.middle' was never called
        r.lua:13: the function 'R.small' was never called
        """),
    Example(
      name: "loops",
      text: """
        function R.f(n)
          local i = 0
          while i < n do
            i = i + 1
            if i == 5 then break end
          end
          repeat
            i = i - 1
          until i <= 0
          for k = 1, i do
            R.never()
          end
          for _, v in ipairs({}) do
            R.never(v)
          end
          while true do
            if n then goto out end
          end
          ::out::
        end
        """,
      calls: "R.f(2)",
      report: """
        r: lines 11 of 13 (84 %), branches 6 of 8 (75 %), operands none
        r.lua:5: the condition 'i == 5' was never true
        r.lua:11: this line never ran
        r.lua:14: this line never ran
        r.lua:17: the condition 'n' was never false
        """),
    Example(
      name: "values put together with and, or and not",
      text: """
        function R.f(a, b)
          local s = a >= 4 and "critical" or nil
          local t = b or R.default()
          local u = a > 1 and a < 9
          R.g(not (a and b), { n = a or b })
          return a and b
        end
        function R.g() end
        """,
      calls: "R.f(5, 1)",
      report: """
        r: lines 5 of 5 (100 %), branches none, operands 9 of 19 (47 %)
        r.lua:2: the operand 'a >= 4' was never false
        r.lua:3: the operand 'b' was never false
        r.lua:3: the operand 'R.default()' was never evaluated
        r.lua:4: the operand 'a > 1' was never false
        r.lua:4: the operand 'a < 9' was never false
        r.lua:5: the operand 'a' was never false
        r.lua:5: the operand 'b' was never false
        r.lua:5: the operand 'a' was never false
        r.lua:5: the operand 'b' was never evaluated
        r.lua:6: the operand 'a' was never false
        """),
    Example(
      name: "a value with nothing behind it",
      text: """
        function R.f(a)
          return a > 1 and R.list(a) or nil
        end
        function R.list(a) return a and {} or false end
        """,
      calls: "R.f(2)",
      report: """
        r: lines 2 of 2 (100 %), branches none, operands 4 of 6 (66 %)
        r.lua:2: the operand 'a > 1' was never false
        r.lua:4: the operand 'a' was never false
        """),
    Example(
      name: "nested functions and early returns",
      text: """
        function R.f(list)
          if #list == 0 then return end
          local function keep(v)
            if v then
              return v
            end
          end
          local out = {}
          for _, v in ipairs(list) do
            out[#out + 1] = keep(v)
          end
          return out, function() return keep(1) end
        end
        local function unused()
          local deep = function() return 1 end
          return deep
        end
        """,
      calls: "R.f({ 1, 2 })",
      report: """
        r: lines 8 of 10 (80 %), branches 2 of 4 (50 %), operands none
        r.lua:2: the condition '#list == 0' was never true
        r.lua:4: the condition 'v' was never false
        r.lua:12: this function was never called
        r.lua:14: the function 'unused' was never called
        """),
    Example(
      name: "conditions with side effects, and an error",
      text: """
        function R.f(t)
          if R.count(t) and R.count(t) then
            error("x")
          end
          return t.n
        end
        function R.count(t) t.n = t.n + 1 return t.n < 3 end
        """,
      calls: "local t = { n = 0 } assert(not pcall(R.f, t)) assert(t.n == 2)",
      report: """
        r: lines 3 of 4 (75 %), branches 1 of 2 (50 %), operands 2 of 4 (50 %)
        r.lua:2: the condition 'R.count(t) and R.count(t)' was never false
        r.lua:2: the operand 'R.count(t)' was never false
        r.lua:2: the operand 'R.count(t)' was never false
        r.lua:5: this line never ran
        """),
    Example(
      name: "one expression over several lines",
      text: """
        function R.f(a, b)
          return R.g(
            a
              or b) or
            0
        end
        function R.g(x) return x end
        """,
      calls: "R.f(nil, 1)",
      report: """
        r: lines 2 of 2 (100 %), branches none, operands 3 of 5 (60 %)
        r.lua:2: the operand 'R.g( a or b)' was never false
        r.lua:3: the operand 'a' was never true
        """),
    Example(
      name: "a condition behind an error in its line",
      text: """
        function R.f(a)
          R.fail() if a then return end
        end
        function R.fail() error("x") end
        """,
      calls: "pcall(R.f)",
      report: """
        r: lines 2 of 2 (100 %), branches 0 of 2 (0 %), operands none
        r.lua:2: the condition 'a' was never tested
        """),
    Example(
      name: "what is called while the file is loaded counts, the file's own statements do not",
      text: """
        local function double(n) return n and 2 * n end
        local two = double(1)
        if two and not R.x then R.y = two or 1 end
        """,
      calls: "assert(R.y == 2)",
      report: """
        r: lines 1 of 1 (100 %), branches none, operands 2 of 3 (66 %)
        r.lua:1: the operand 'n' was never false
        """),
  ]

  @Test("asked for a line or a place, it tells whether that was run")
  func covers() throws {
    let text = """
      local K = 1
      function R.f(a, b)
        if a then
          return b and a.x or
            "none"
        end
        return nil
      end
      function R.g(a)
        local b = a

        return b
      end
      """
    let coverage = try CoverageScene.cover(text, "R.f({})")
    let lines = (1...13).map { coverage.covers(line: $0) }
    #expect(
      lines == [true, true, true, true, true, true, false, true, true, false, false, false, false])
    #expect(!coverage.covers(line: 0) && !coverage.covers(line: 14) && !coverage.covers(line: -5))
    #expect(coverage.lines == [3: 1, 4: 1, 7: 0, 10: 0, 12: 0])
    func covers(_ part: String) throws -> Bool {
      let range = try #require(text.firstRange(of: part))
      let start = text.utf8.distance(from: text.startIndex, to: range.lowerBound)
      return coverage.covers(bytes: start..<start + part.utf8.count)
    }
    #expect(try covers("K = 1"))
    #expect(try covers("b and"))
    #expect(try !covers("a.x"))
    #expect(try covers("none"))
    #expect(try !covers("return nil"))
    #expect(try covers("a, b"))
    #expect(try !covers("(a)\n"))
    #expect(try !covers("= a"))
    #expect(coverage.covers(bytes: 0..<100_000))
  }

  @Test("what several runs cover is put together, but not of other texts")
  func merged() throws {
    let text = "function R.f(a)\n  if a then return 1 end\n  return 2\nend"
    var coverage = try CoverageScene.cover(text, "R.f(1)")
    #expect(coverage.totals.percentage == 50)
    let same = coverage.merge(try CoverageScene.cover(text, "R.f() R.f()"))
    #expect(same && coverage.totals.percentage == 100 && coverage.gaps.isEmpty)
    #expect(coverage.lines == [2: 3, 3: 2])
    let before = coverage.totals
    #expect(!coverage.merge(try CoverageScene.cover(text + "\n", "")))
    #expect(!coverage.merge(try CoverageScene.cover(text, "", file: "other.lua")))
    #expect(coverage.totals == before)
  }

  @Test("a long rule is told whole")
  func long() throws {
    let line = "  if a and b then R.n = (R.n or 0) + 1 end\n"
    let text = "function R.f(a, b)\n" + String(repeating: line, count: 2_000) + "end"
    let coverage = try CoverageScene.cover(text, "R.f(1)")
    #expect(coverage.totals.branches == CoverageShare(covered: 2_000, total: 4_000))
    #expect(coverage.totals.operands == CoverageShare(covered: 4_000, total: 12_000))
    #expect(coverage.gaps.count == 6_000 && coverage.covers(line: 2_001) && coverage.covers(line: 2_002))
  }

  @Test("counts of another rule do no harm")
  func foreign() throws {
    var coverage = try CoverageScene.cover("function R.f(a) return a end", "")
    coverage.add(
      RuleCounts(
        probes: Array(repeating: .init(seen: .max, truths: 1), count: 9),
        conditions: [.init(place: .rule, subject: "usd", count: .init(seen: 1, truths: 1))]))
    #expect(coverage.lines == [1: .max])
    #expect(coverage.gaps.map(\.description) == ["r.lua: the condition 'usd' of 'where' was never false"])
  }

  @Test("a rule at a limit of Lua has its lines counted, or says that nothing is")
  func limits() throws {
    let body = "local x = b and c x = b or c"
    let deep = String(repeating: "(", count: 180) + "b and c" + String(repeating: ")", count: 180)
    let full = try CoverageScene.cover("function R.f(b, c) \(body) end", "R.f(1)")
    #expect(full.note == nil && full.totals.operands.total == 6)
    let lines = try CoverageScene.cover(
      "function R.f(b, c)\nif \(deep) then return end\nreturn b\nend", "R.f()")
    if lines.map.depth == .lines {
      #expect(lines.note == "r.lua: the rule is so close to Lua's limits that only its lines are counted")
      #expect(lines.totals.branches.total == 0 && lines.totals.lines == .init(covered: 2, total: 2))
    }
    let names = (0..<200).map { "a\($0)" }.joined(separator: ", ")
    let none = try CoverageScene.cover("local \(names) = 1\nfunction R.f() return 1 end", "R.f()")
    #expect(none.note == "r.lua: the rule is so close to Lua's limits that nothing of it is counted")
    #expect(none.totals == CoverageTotals() && none.covers(line: 2) && none.gaps.isEmpty)
  }
}
