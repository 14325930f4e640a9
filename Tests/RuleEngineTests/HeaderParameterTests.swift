import OrderFlow
import Testing

@testable import RuleEngine

@Suite("Parameters")
struct HeaderParameterTests {
  private func rule(_ parameter: String, _ override: String? = nil) -> TestEngine {
    var engine = TestEngine(
      "local R = rule { title = 't', params = { p = \(parameter) } }\nfunction R.on_order(o) print(math.type(R.params.p) or type(R.params.p), R.params.p) end\nreturn R"
    )
    if let override { engine.parameters = ["rule": ["p": override]] }
    return engine
  }

  @Test(
    "each type turns its default and its override into what the rule computes with",
    arguments: [
      ("param.usd(25000)", nil, "integer\t25000000000"), ("param.usd(0.04)", "0.05", "integer\t50000"),
      ("param.usd '0.000001'", "1000000", "integer\t1000000000000"),
      ("param.shares(5)", "2.5", "integer\t2500000"),
      ("param.int(5)", "-7", "integer\t-7"), ("param.number(0.8)", nil, "float\t0.8"),
      ("param.number(1)", "0.5", "float\t0.5"),
      ("param.duration '5m'", nil, "integer\t300000"), ("param.duration '5m'", "1h30m", "integer\t5400000"),
      ("param.string 'BUY'", "SELL", "string\tSELL"), ("param.string 'x'", "", "string\t"),
      ("param.bool(true)", "false", "boolean\tfalse"),
      ("param.bool(false)", "true", "boolean\ttrue"),
      ("param.int(5, { min = 5, max = 9 })", "9", "integer\t9"),
    ] as [(String, String?, String)])
  func types(parameter: String, override: String?, printed: String) throws {
    #expect(try rule(parameter, override).run([TestOrder(1)]).lines == [printed])
  }

  @Test(
    "an override that does not fit is refused with its name",
    arguments: [
      ("param.usd(5)", "five", "parameter p"), ("param.usd(5)", "0.0000001", "parameter p"),
      ("param.usd(5)", "99999999999999999", "parameter p"),
      ("param.int(5)", "5.5", "parameter p"), ("param.int(5)", "", "parameter p"),
      ("param.int(5, { min = 5 })", "4", "parameter p is below its min"),
      ("param.usd(5, { max = 6 })", "6.000001", "parameter p is above its max"),
      ("param.bool(true)", "maybe", "parameter p"),
      ("param.duration '5m'", "5", "parameter p"), ("param.number(1)", "nan", "parameter p"),
      ("param.number(1)", "1e999", "parameter p"),
    ])
  func misfits(parameter: String, override: String, message: String) {
    let problem = rule(parameter, override).problem()
    #expect(problem?.message.contains(message) == true, "\(String(describing: problem))")
    #expect(problem?.line == 1)
  }

  @Test("an override of a parameter that the rule does not have is refused, and other rules do not see it")
  func unknown() throws {
    var engine = rule("param.int(1)")
    engine.parameters = ["rule": ["q": "5"]]
    #expect(engine.problem()?.message == "there is no parameter 'q'")
    engine.parameters = ["other": ["p": "5"]]
    #expect(try engine.run([TestOrder(1)]).lines == ["integer\t1"])
  }

  @Test("a condition that names a parameter follows its override, in rules and in windows")
  func conditions() throws {
    var engine = TestEngine(
      """
      local R = rule { title = 't', params = { least = param.usd(5), most = param.int(2) },
        windows = { x = window.sliding { by = {'user'}, span = '1h', where = { usd = at_least "least" }, agg = { n = count() } } },
        where = { ["x.n"] = at_most "most", usd = at_least "least" } }
      function R.on_order(o, w) signal { title = o.seq .. ' ' .. w.x.n } end
      return R
      """)
    let orders = [4_999_999, 5_000_000, 9_000_000, 6_000_000, 7_000_000].enumerated().map { place, usd in
      TestOrder(Int64(place)) { $0.usd = Int64(usd) }
    }
    #expect(try engine.run(orders).titles == ["2 1", "3 2"])
    let plain = try engine.run(orders).version
    engine.parameters = ["rule": ["least": "6.5", "most": "9"]]
    #expect(try engine.run(orders).titles == ["3 1", "5 2"])
    #expect(try engine.run(orders).version != plain)
  }

  @Test("bounds of conditions are exact at 64 bits and beyond")
  func extremes() throws {
    func passing(_ condition: String, _ amounts: [Int64]) throws -> [Int] {
      let engine = TestEngine(
        """
        local R = rule { title = 't', windows = { x = window.sliding { by = {'seq'}, span = '1h', agg = { s = sum 'usd', m = mean 'usd' } } },
          where = { \(condition) } }
        function R.on_order(o, w) signal { title = 'x' } end
        return R
        """)
      return try engine.run(amounts.map { amount in TestOrder(1) { $0.usd = amount } }).signals.map {
        Int($0.seq)
      }
    }
    let amounts: [Int64] = [.min, -1, 0, 1, .max]
    #expect(try passing("usd = at_least(math.maxinteger)", amounts) == [5])
    #expect(try passing("usd = at_most(math.mininteger)", amounts) == [1])
    #expect(try passing("['x.s'] = at_least(1e300)", amounts.dropLast()) == [])
    #expect(try passing("['x.s'] = at_most(1e300)", amounts) == [1, 2, 3, 4, 5])
    #expect(try passing("['x.s'] = at_least(-1e300)", amounts) == [1, 2, 3, 4, 5])
    #expect(try passing("['x.s'] = at_most(-1e300)", Array(amounts.dropFirst())) == [])
    #expect(try passing("['x.s'] = at_least(0.5)", amounts) == [4, 5])
    #expect(try passing("['x.s'] = at_most(-0.5)", amounts) == [1, 2])
    #expect(try passing("['x.m'] = at_least(0.5)", amounts) == [4, 5])
    #expect(try passing("['x.s'] = one_of(-1, 1)", amounts) == [2, 4])
  }
}
