import RuleEngine
import Testing

@testable import RuleKit

@Suite("Values and distances in words")
struct WhyTextTests {
  @Test(
    "values are shown as they are, and money in dollars too",
    arguments: [
      (ProbeValue.nil, ValueUnit.plain, "nil"), (.boolean(true), .plain, "true"),
      (.integer(1_234_567), .plain, "1,234,567"), (.integer(-1_000), .plain, "-1,000"),
      (.integer(999), .usd, "999 ($0.000999)"),
      (.integer(26_310_000_000), .usd, "26,310,000,000 ($26,310.00)"),
      (.integer(-1_500_000), .usd, "-1,500,000 (-$1.50)"), (.integer(0), .usd, "0 ($0.00)"),
      (.integer(2_500_000), .shares, "2,500,000 (2.5 shares)"),
      (.integer(.min), .plain, "-9,223,372,036,854,775,808"),
      (.integer(.min), .usd, "-9,223,372,036,854,775,808 (-$9,223,372,036,854.775808)"),
      (.integer(0), .time, "0 (1970-01-01 00:00:00)"), (.integer(90_000), .duration, "90,000 (90 s)"),
      (.integer(1), .duration, "1"), (.number(0.5), .usd, "0.5"), (.text("a", count: 1), .plain, "\"a\""),
      (.text("ab", count: 3_000), .plain, "\"ab\"… (3,000 bytes)"), (.table(count: 0), .plain, "table"),
      (.table(count: 12), .plain, "table of 12"), (.other(type: "function"), .plain, "function"),
    ])
  func values(_ value: ProbeValue, _ unit: ValueUnit, _ expected: String) {
    #expect(ValueText.text(value, unit) == expected)
  }

  private static func check(
    _ left: ProbeValue?, _ comparison: String?, _ right: ProbeValue?, _ unit: ValueUnit = .plain,
    isLeftBound: Bool = false
  ) -> Check {
    Check(
      line: 1, left: Check.Side(text: "a", value: left, unit: unit, isBound: isLeftBound),
      comparison: comparison,
      right: comparison == nil ? nil : Check.Side(text: "b", value: right, unit: unit, isBound: !isLeftBound))
  }

  @Test("how far a comparison is from the other outcome")
  func distances() {
    func distance(
      _ left: Int64, _ comparison: String, _ right: Int64, to wanted: Bool, _ unit: ValueUnit = .plain,
      isLeftBound: Bool = false
    ) -> String? {
      Self.check(.integer(left), comparison, .integer(right), unit, isLeftBound: isLeftBound)
        .distance(to: wanted)
    }
    #expect(distance(3, ">=", 5, to: true) == "2 more needed (60 %)")
    #expect(distance(5, ">", 5, to: true) == "1 more needed")
    #expect(distance(3, "<", 5, to: false) == "2 more needed (60 %)")
    #expect(distance(3, "<=", 3, to: false) == "1 more needed")
    #expect(distance(7, "<=", 5, to: true) == "2 too many")
    #expect(distance(5, "<", 5, to: true) == "1 too many")
    #expect(distance(7, ">=", 5, to: false) == "3 too many")
    #expect(distance(25, ">", 20, to: false, isLeftBound: true) == "5 more needed (80 %)")
    #expect(distance(23_310_000_000, "<", 25_000_000_000, to: false, .usd) == "$1,690.00 short (93 %)")
    #expect(distance(3, "==", 5, to: true) == "it is 3 and not 5")
    #expect(distance(5, "~=", 5, to: true) == "it is 5")
    #expect(distance(.min, ">=", .max, to: true) == nil)
    #expect(distance(0, ">", .max, to: true) == nil)
    #expect(Self.check(.number(0.5), ">", .number(0.75)).distance(to: true) == "0.25 short")
    #expect(Self.check(.nil, nil, nil).distance(to: true) == "it is nil")
    #expect(Self.check(nil, "<", .integer(1)).distance(to: true) == nil)
    #expect(Self.check(.text("x", count: 1), "<", .integer(1)).distance(to: true) == nil)
  }

  @Test("units are guessed from fields, parameters, aggregates and the locals that stand for them")
  func units() throws {
    let text = """
      local R = {}
      local P = R.params
      local other = f()
      function R.on_order(o, w)
        local b, least = w.buys, P.min
        return o.usd, o.price * 4, b.hi - b.lo, o.shares, o.seq, usd(5), now(), o.t - now(), least, R.params.min,
          other, -o.usd, (o.usd), o.x, 4 * P.min
      end
      """
    let chunk = try LuaParser.parse(Array(text.utf8))
    let guess = UnitGuess(chunk, nil)
    guard case .return(let values)? = chunk.functions[1].body.statements.last?.kind else {
      Issue.record("there is no return")
      return
    }
    #expect(
      values.map { guess.unit(of: $0) } == [
        .usd, .usd, .plain, .shares, .plain, .usd, .time, .duration, .plain, .plain, .plain, .usd, .usd,
        .plain,
        .plain,
      ])
    #expect(
      values.map { guess.isParameter($0) } == [
        false, false, false, false, false, false, false, false, true, true, false, false, false, false, true,
      ])
  }

  @Test(
    "a rule keeps something of its own when it says so, or may",
    arguments: [
      ("function R.on_order(o) state.n = 1 end", true), ("function R.on_order(o) return o.usd end", false),
      ("local t = {} function R.on_order(o) t[o.user] = 1 end", true),
      ("local n = 0 function R.on_order(o) n = n + 1 end", true),
      ("local t = {} function R.on_order(o) table.insert(t, 1) end", true),
      ("local t = {} function R.on_order(o) local u = t[1] u.x = 1 end", true),
      ("function R.on_order(o) local d = {} d.x = 1 table.insert(d, 2) local n = 0 n = n + 1 end", false),
      ("local t = { a = 1 } function R.on_order(o) return t.a end", false),
      ("function R.on_order(o) function R.x() end end", true),
    ])
  func memory(_ text: String, _ isKept: Bool) throws {
    #expect(RuleMemory(try LuaParser.parse(Array(text.utf8))).isKept == isKept)
  }
}
