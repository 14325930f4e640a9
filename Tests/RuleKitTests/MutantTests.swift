import RuleEngine
import Testing

@testable import RuleKit

@Suite("Mutants of a rule")
struct MutantTests {
  /// `line kind: change`, of the mutants of a hook with this body.
  private static func changes(_ text: String) throws -> [String] {
    try Mutant.all(in: Array(text.utf8)).map { "\($0.line) \($0.kind.rawValue): \($0.change)" }
  }

  private static func hook(_ body: String) -> String {
    "local R = rule { title = \"x\" }\nfunction R.on_order(o)\n\(body)\nend\nreturn R\n"
  }

  @Test(
    "code changes by its syntax",
    arguments: [
      ("f(o.a < o.b)", ["3 boundary: `<` becomes `<=`"]),
      ("f(o.a >= o.b)", ["3 boundary: `>=` becomes `>`"]),
      ("f(o.a == o.b)", ["3 equality: `==` becomes `~=`"]),
      ("f(o.a ~= nil)", ["3 equality: `~=` becomes `==`"]),
      ("f(o.a or o.b)", ["3 and-or: `or` becomes `and`"]),
      ("f(not o.a)", ["3 not: `not` is dropped"]),
      ("f(o.a * o.b - o.c)", ["3 arithmetic: `*` becomes `/`", "3 arithmetic: `-` becomes `+`"]),
      ("f(o.a // o.b, o.c .. o.d, -o.e)", []),
      ("f(7)", ["3 more: `7` becomes `8`", "3 less: `7` becomes `6`"]),
      ("f(0.8)", ["3 more: `0.8` becomes `0.9`", "3 less: `0.8` becomes `0.7`"]),
      (
        "f(o.a -0)",
        [
          "3 arithmetic: `-` becomes `+`", "3 more: `0` becomes `1`", "3 less: `0` becomes `(-1)`",
        ]
      ),
      ("f(0x1F, 1e3)", ["3 more: `0x1F` becomes `32`", "3 less: `0x1F` becomes `30`"]),
      ("f(usd(100))", ["3 more: `100` becomes `100.01`", "3 less: `100` becomes `99.99`"]),
      (
        "f(usd \"0.005\")",
        ["3 more: `\"0.005\"` becomes `\"0.006\"`", "3 less: `\"0.005\"` becomes `\"0.004\"`"]
      ),
      ("f(usd(0))", ["3 more: `0` becomes `0.01`"]),
      ("f(cents(4))", ["3 more: `4` becomes `5`", "3 less: `4` becomes `3`"]),
      (
        "f(duration \"1h\")",
        ["3 longer: `\"1h\"` becomes `\"66m\"`", "3 shorter: `\"1h\"` becomes `\"54m\"`"]
      ),
      (
        "f(o.side == \"BUY\")",
        [
          "3 equality: `==` becomes `~=`", "3 side: `\"BUY\"` becomes `\"SELL\"`",
        ]
      ),
      ("f(math.min(o.a, o.b))", ["3 min-max: `min` becomes `max`"]),
      ("if o.a then return end f()", ["3 return: `return` is dropped"]),
      ("if o.a then return end", []),
      ("if o.a then f() else return nil end", []),
      (
        "local function g() if o.a then return 2 end return nil end f(g())",
        [
          "3 return: `return 2` is dropped", "3 more: `2` becomes `3`", "3 less: `2` becomes `1`",
        ]
      ),
      ("f(\"1 < 2\") -- o.a < 3", []),
      ("print(o.a + 1)", []),
      ("signal { title = o.a or 1, key = o.b or o.c }", ["3 and-or: `or` becomes `and`"]),
      (
        "signal { title = \"x\", severity = o.a and \"low\" or nil }",
        [
          "3 and-or: `and` becomes `or`", "3 severity: `\"low\"` becomes `\"medium\"`",
          "3 and-or: `or` becomes `and`",
        ]
      ),
      (
        "signal { title = \"x\", hold = \"20s\" }",
        [
          "3 longer: `\"20s\"` becomes `\"22s\"`", "3 shorter: `\"20s\"` becomes `\"18s\"`",
        ]
      ),
      ("R.state_version = 2", []),
    ])
  func code(body: String, wanted: [String]) throws {
    #expect(try MutantTests.changes(MutantTests.hook(body)) == wanted)
  }

  @Test("an `and` that becomes an `or` keeps what it grouped")
  func grouping() throws {
    let text = MutantTests.hook("f(o.a and o.b and o.c)")
    let mutants = try Mutant.all(in: Array(text.utf8)).map { mutant in
      String(decoding: mutant.apply(to: Array(text.utf8)), as: UTF8.self).split(separator: "\n")[2]
    }
    #expect(mutants == ["f((o.a or o.b) and o.c)", "f((o.a and o.b or o.c))"])
  }

  @Test(
    "a header changes by what its keys mean",
    arguments: [
      ("severity = \"critical\"", ["severity: `\"critical\"` becomes `\"high\"`"]),
      ("tags = { \"BUY\", \"1\" }, runbook = \"BUY\"", []),
      (
        "params = { a = param.usd(25000, { min = 1, max = 9, doc = \"x\" }) }",
        [
          "more: `25000` becomes `25000.01`", "less: `25000` becomes `24999.99`",
        ]
      ),
      (
        "params = { a = param.int(5), b = param.number(0.5), c = param.bool(true) }",
        [
          "more: `5` becomes `6`", "less: `5` becomes `4`", "more: `0.5` becomes `0.6`",
          "less: `0.5` becomes `0.4`", "boolean: `true` becomes `false`",
        ]
      ),
      (
        "params = { a = param.duration \"5m\", b = param.string(\"SELL\") }",
        [
          "longer: `\"5m\"` becomes `\"330s\"`", "shorter: `\"5m\"` becomes `\"270s\"`",
          "side: `\"SELL\"` becomes `\"BUY\"`",
        ]
      ),
      (
        "where = { side = \"BUY\", [\"w.n\"] = at_least \"a\" }",
        [
          "where: `side = \"BUY\"` is dropped", "side: `\"BUY\"` becomes `\"SELL\"`",
          "where: `[\"w.n\"] = at_least \"a\"` is dropped",
        ]
      ),
      (
        "where = { usd_floor = at_least(usd(100)) }",
        [
          "where: `usd_floor = at_least(usd(100))` is dropped", "more: `100` becomes `100.01`",
          "less: `100` becomes `99.99`",
        ]
      ),
      (
        "dedup = { by = { \"user\", \"side\" }, hold = \"10m\" }",
        [
          "dedup: `dedup` is dropped", "by: `\"user\"` is dropped", "by: `\"side\"` is dropped",
          "longer: `\"10m\"` becomes `\"11m\"`", "shorter: `\"10m\"` becomes `\"9m\"`",
        ]
      ),
      (
        "dedup = { by = { \"user\" }, hold = 1000 }",
        [
          "dedup: `dedup` is dropped", "longer: `1000` becomes `1100`", "shorter: `1000` becomes `900`",
        ]
      ),
      (
        "timers = { tick = \"1m\" }, listens = { \"a\", \"b\" }",
        [
          "longer: `\"1m\"` becomes `\"66s\"`", "shorter: `\"1m\"` becomes `\"54s\"`",
          "listens: `\"a\"` is dropped", "listens: `\"b\"` is dropped",
        ]
      ),
      (
        "windows = { w = window.session { by = { \"user\" }, gap = \"30s\", span = \"1h\", max_keys = 10, "
          + "agg = { n = count(), lo = min \"price\", u = distinct \"user\", q = quantile(\"usd\", 0.5) } } }",
        [
          "longer: `\"30s\"` becomes `\"33s\"`", "shorter: `\"30s\"` becomes `\"27s\"`",
          "longer: `\"1h\"` becomes `\"66m\"`", "shorter: `\"1h\"` becomes `\"54m\"`",
          "min-max: `min` becomes `max`", "distinct: `distinct \"user\"` becomes `count()`",
          "more: `0.5` becomes `0.6`", "less: `0.5` becomes `0.4`",
        ]
      ),
      (
        "sequences = { s = sequence { by = { \"user\" }, within = \"10m\", step \"a\" { side = \"BUY\" }, "
          + "never \"b\" { usd = at_most(usd(1)) }, step \"c\" {} } }",
        [
          "longer: `\"10m\"` becomes `\"11m\"`", "shorter: `\"10m\"` becomes `\"9m\"`",
          "where: `side = \"BUY\"` is dropped", "side: `\"BUY\"` becomes `\"SELL\"`",
          "never: `never b` is dropped", "where: `usd = at_most(usd(1))` is dropped",
          "more: `1` becomes `1.01`", "less: `1` becomes `0.99`",
        ]
      ),
    ])
  func header(text: String, wanted: [String]) throws {
    let found = try MutantTests.changes("return rule { title = \"3 < 4\", \(text) }")
    #expect(found == wanted.map { "1 " + $0 })
  }

  @Test("a number where a duration belongs is stretched only as far as numbers go")
  func longest() throws {
    let text = MutantTests.hook("local a = duration(\(Int64.max))")
    #expect(throws: Never.self) { _ = try Mutant.all(in: Array(text.utf8)) }
  }

  @Test("what is dropped from a list goes with its comma")
  func lists() throws {
    let text = "return rule { dedup = { by = { \"user\", \"side\" }, hold = \"1m\" } }"
    let dropped = try Mutant.all(in: Array(text.utf8)).filter { $0.replacement.isEmpty }.map { mutant in
      String(decoding: mutant.apply(to: Array(text.utf8)), as: UTF8.self)
    }
    #expect(
      dropped == [
        "return rule {  }", "return rule { dedup = { by = {  \"side\" }, hold = \"1m\" } }",
        "return rule { dedup = { by = { \"user\" }, hold = \"1m\" } }",
      ])
  }

  @Test(
    "a survivor asks what an analyst can answer",
    arguments: [
      (
        "f(o.usd >= usd(500))",
        "no test sits exactly on $500.00 (usd(500)) with `o.usd`: should `o.usd >= usd(500)` hold there?"
      ),
      ("f(b.n > 3)", "no test sits exactly on 3 with `b.n`: should `b.n > 3` hold there?"),
      (
        "f(b.usd >= 4 * R.params.min_usd)",
        "no test sits exactly on $100,000.00 (4 * R.params.min_usd) with `b.usd`: should `b.usd >= 4 * R.params.min_usd` hold there?"
      ),
      ("f(o.a < o.b)", "no test has `o.a` equal to `o.b`: should `o.a < o.b` hold then?"),
    ])
  func questions(body: String, wanted: String) throws {
    let text = """
      local R = rule { title = "x", params = { min_usd = param.usd(25000) } }
      function R.on_order(o, b) \(body) end
      return R
      """
    let found = try Mutant.all(in: Array(text.utf8)).first { $0.kind == .boundary }
    #expect(found?.question == wanted)
  }

  @Test(
    "a header asks in the words of its keys",
    arguments: [
      ("severity = \"low\"", "no test would notice if this severity were medium and not low"),
      (
        "dedup = { by = { \"user\", \"side\" }, hold = \"10m\" }",
        """
        no test has a repeat that dedup folds
        no test has signals that only user keeps apart in dedup
        no test has signals that only side keeps apart in dedup
        no test has two moments between 10m and 11m apart: is 10m right for the hold of dedup?
        no test has two moments between 9m and 10m apart: is 10m right for the hold of dedup?
        """
      ),
      (
        "timers = { tick = \"1m\" }",
        """
        no test would notice if the timer tick ticked every 66s and not every 1m
        no test would notice if the timer tick ticked every 54s and not every 1m
        """
      ),
      (
        "params = { a = param.usd(100) }",
        """
        no test tells $100.00 (params.a) from $100.01: is there something of exactly $100.00?
        no test tells $100.00 (params.a) from $99.99: and just below?
        """
      ),
      (
        "windows = { w = window.sliding { by = { \"user\" }, agg = { u = distinct \"user\", m = max \"usd\" } } }",
        """
        no test has the same user twice in one group of window w: should it count once?
        no test would notice if `max "usd"` took the minimum
        """
      ),
    ])
  func headerQuestions(text: String, wanted: String) throws {
    let mutants = try Mutant.all(in: Array("return rule { \(text) }".utf8))
    #expect(mutants.map(\.question) == wanted.split(separator: "\n").map(String.init))
  }

  @Test("a comment allows the mutants of its line to survive, and the lint knows it")
  func allowance() throws {
    let text = Array(MutantTests.hook("f(o.usd, 1) -- betterbot: allow mutants: memory only\nf(2)").utf8)
    let mutants = try Mutant.all(in: text)
    #expect(mutants.map(\.isAllowed) == [true, true, false, false])
    #expect(!Lint.check("x", source: text).contains { $0.check == .unknownAllow })
  }

  @Test("every mutant of every shipped rule is still Lua, another text, and has a name of its own")
  func shipped() throws {
    let paths = Scenery.files(below: Scenery.root + "/rules", ending: ".lua", depth: 1)
    #expect(paths.count >= 6)
    for path in paths {
      let source = try #require(Scenery.bytes(path))
      let mutants = try Mutant.all(in: source)
      #expect(mutants.count >= 10, "\(path)")
      #expect(Set(mutants.map(\.id)).count == mutants.count)
      var texts: Set<[UInt8]> = [source]
      for mutant in mutants {
        let text = mutant.apply(to: source)
        #expect(texts.insert(text).inserted, "\(path) \(mutant.id)")
        #expect(throws: Never.self, "\(path) \(mutant.id)") { try LuaParser.parse(text, isFile: true) }
      }
    }
  }

  @Test("every mutant of every Lua text in the documents and tests is still Lua")
  func embedded() throws {
    var count = 0
    for source in Scenery.rules + Scenery.embedded {
      guard let mutants = try? Mutant.all(in: source) else { continue }
      for mutant in mutants {
        count += 1
        // Lua has limits that a mutant may reach, such as the number of constants: a few texts here are about those.
        let text = mutant.apply(to: source)
        if (try? LuaParser.parse(text, isFile: true)) == nil {
          Issue.record("\(mutant.id) in \(String(decoding: source.prefix(200), as: UTF8.self))")
        }
      }
    }
    #expect(count > 500)
  }

  @Test("the same text gives the same mutants, by place")
  func order() throws {
    let path = Scenery.root + "/rules/consensus.lua"
    let source = try #require(Scenery.bytes(path))
    let mutants = try Mutant.all(in: source)
    #expect(mutants == (try Mutant.all(in: source)))
    #expect(mutants.map(\.line) == mutants.map(\.line).sorted())
  }
}
