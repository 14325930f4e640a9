import RuleEngine
import Testing

@testable import RuleKit

@Suite("Rules with probes in them")
struct InstrumenterTests {
  private static let purposes: [InstrumentedRule.Purpose] = [.why, .coverage]

  private static func instrumented(_ text: [UInt8]) throws -> InstrumentedRule { try InstrumentedRule(text) }

  /// What is wrong with the instrumented text of a text that is Lua; nil when nothing is.
  private static func fault(_ text: [UInt8], _ oracle: borrowing LuaOracle) -> String? {
    for purpose in purposes {
      guard let rule = try? InstrumentedRule(text, for: purpose) else { return nil }
      if let fault = fault(text, rule, oracle) { return "\(purpose): \(fault)" }
    }
    return nil
  }

  private static func fault(
    _ text: [UInt8], _ rule: InstrumentedRule, _ oracle: borrowing LuaOracle
  ) -> String? {
    if let error = oracle.error(rule.source.text) { return error }
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let plain = (text.starts(with: mark) ? text[3...] : text[...]).split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let probed = rule.source.text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if plain.count != probed.count { return "it has \(probed.count) lines instead of \(plain.count)" }
    for (line, (plain, probed)) in zip(plain, probed).enumerated() {
      var rest = probed[...]
      for byte in plain {
        guard let place = rest.firstIndex(of: byte) else { return "line \(line + 1) lost bytes" }
        rest = rest[(place + 1)...]
      }
    }
    return nil
  }

  @Test("what parses is Lua with probes too, and has its lines", arguments: [0, 1, 2, 3])
  func known(part: Int) {
    let oracle = LuaOracle()
    let texts = Scenery.embedded + Scenery.rules + LuaSamples.all.map { Array($0.utf8) }
    var depths: [InstrumentedRule.Depth: Int] = [:]
    for (place, text) in texts.enumerated() where place % 4 == part {
      let wrapped = Array("local function f(...) ".utf8) + text + Array("\nend".utf8)
      for (text, isWrapped) in [(text, false), (wrapped, true)] {
        // What is counted is in functions.
        for purpose in Self.purposes where purpose == .why || isWrapped {
          guard let rule = try? InstrumentedRule(text, for: purpose) else { break }
          depths[rule.depth, default: 0] += 1
          #expect(Self.fault(text, rule, oracle) == nil, "\(String(decoding: text, as: UTF8.self))")
        }
      }
    }
    #expect(depths[.full, default: 0] > 200)
  }

  @Test("made-up programs are Lua with probes too")
  func programs() {
    let oracle = LuaOracle()
    var grammar = LuaGrammar(seed: 7)
    var accepted = 0
    for number in 0..<800 {
      let text = Array("function f(...) ".utf8) + grammar.next() + Array("\nend".utf8)
      if (try? LuaParser.parse(text)) != nil { accepted += 1 }
      let fault = Self.fault(text, oracle)
      #expect(fault == nil, "program \(number)\n\(String(decoding: text, as: UTF8.self))")
    }
    #expect(accepted > 100)
  }

  @Test("nearly Lua is Lua with probes when it is Lua")
  func mutations() {
    let oracle = LuaOracle()
    let small = LuaSamples.small.map { Array($0.utf8) }
    var mutator = LuaMutator(seed: 5, corpus: Scenery.embedded + Scenery.rules + small)
    for number in 0..<2000 {
      let text = mutator.next()
      let fault = Self.fault(text, oracle)
      #expect(fault == nil, "text \(number)\n\(String(decoding: text, as: UTF8.self))")
    }
  }

  @Test(
    "made-up programs do the same with probes as without, in the same order, to the same error",
    arguments: purposes)
  func behaviour(purpose: InstrumentedRule.Purpose) {
    var grammar = LuaGrammar(seed: 11)
    var compared = 0
    for number in 0..<800 {
      let program = grammar.next()
      let text = Array("local function main(...) ".utf8) + program + Array("\nend return main(x, y)".utf8)
      guard let rule = try? InstrumentedRule(text, for: purpose) else { continue }
      let plain = LuaScene.run(text, probe: nil)
      let probed = LuaScene.run(rule.source.text, probe: rule.source.probe)
      if plain.isCut || probed.isCut {
        let common = min(plain.log.count, probed.log.count)
        #expect(plain.log.prefix(common) == probed.log.prefix(common), "program \(number)")
      } else {
        #expect(plain == probed, "program \(number)\n\(String(decoding: text, as: UTF8.self))")
      }
      if plain.log.count > 2 { compared += 1 }
    }
    #expect(compared > 50)
  }

  @Test(
    "the order in which operands are read stays",
    arguments: [
      "local a = 1; local function f() a = 5; return 3 end; return a < f()",
      "local a = 1; local function f() a = 5; return 3 end; return (a) >= f(), f() ~= a",
      "local a = 1; local function f() a = 5; return 3 end; if a < f() then return 'y' end return 'n'",
      "local a = 1; local function f() a = 5; return nil, 2 end; if not (a == f() or f() and a) then return 1 end",
      "local t = setmetatable({}, { __lt = function() return false end }); if t < t or 1 then return 2 end",
      "local function f(...) if ... == nil then return 'none' end return (...) end return f(), f(3, 4)",
      "local function none() end if none() == nil and not none() then return 7 end",
      "local n = 0 repeat local k = n n = n + 1 if n == 2 then goto next end ::next:: until k >= 3 return n",
      "for i = 1, 3 do if i == 2 then goto continue end if i > 5 then break end ::continue:: end return 9",
      "local a\n(function() a = 1 end)()\nif a == 1 then return 'x' end", "if(1<2)then return(3)end",
      "local x=1 local y='a'if x==1 then y=2 end return x==1 and y or 5",
      "local n = 0 local function f() n = n + 1 return n end return f() > 1 and f() or not f() and f() or f()",
      "local function f(...) return ... and 1, ... or 2, (...) end return f(), f(nil, 3), f(4, 5) and f(6)",
      "local function two() return 1, 2 end local t = { two() and two(), two() or two() } return #t, t[3]",
      "local a <const> = x and 5 local c <close> = nil or nil return a or 7, function() return a and 1 end",
      "local T <const> = true local b return (T and b).z", "local b return (nil or b).z",
      "local b, c return (b or c).z", "local b, c = x return (not b or c).z",
      "return (x.y and x.z or nil) + {}",
      "local a = 1; local function f() a = nil return a end; return a and f(), a or f()",
      "for i = 1, nil or 2 do if i == 2 and x then goto done end end ::done:: return y or 1",
      "local function g() ::top:: if f() and x then return x and y end end return g() or g()",
      "local e = function() end if e() or not e() and (e() or x) then return #(x and 'ab' or '') end",
      "while x and not y do end repeat local z = x or y until z and x return x == (y and x)",
    ])
  func order(body: String) throws {
    let text = Array("local function main()\n\(body)\nend return main()".utf8)
    let plain = LuaScene.run(text, probe: nil)
    for purpose in Self.purposes {
      let rule = try InstrumentedRule(text, for: purpose)
      #expect(rule.depth == .full)
      #expect(LuaScene.run(rule.source.text, probe: rule.source.probe) == plain)
    }
    #expect(!plain.log.isEmpty)
  }

  @Test("a text at a limit of Lua gets fewer probes, and says so")
  func limits() throws {
    let names = (0..<200).map { "a\($0)" }.joined(separator: ", ")
    let full = try Self.instrumented(Array("local \(names) = 1".utf8))
    #expect(full.depth == .nothing)
    #expect(full.probes.isEmpty)
    let arguments = (0..<249).map { "a\($0)" }.joined(separator: ", ")
    let deep = String(repeating: "(", count: 190) + "x" + String(repeating: ")", count: 190)
    let lines = try Self.instrumented(
      Array("local function f() if g(\(arguments)) == 1 and \(deep) > 2 then return end end".utf8))
    #expect(lines.depth == .lines || lines.depth == .full)
  }

  @Test("the probes of a rule are its statements, conditions and comparisons")
  func probes() throws {
    let text = """
      local R = rule {}
      function R.on_order(o)
        if not o.label or o.usd < 5 then return end
        signal { severity = o.usd > 9 and 'high' or nil }
      end
      return R
      """
    let rule = try Self.instrumented(Array(text.utf8))
    let p = rule.source.probe
    #expect(
      String(decoding: rule.source.text, as: UTF8.self) == """
        local \(p) <const> = \(p); local R = rule {}
        function R.on_order(o)
           \(p)(0);if not  \(p)(1,o.label) or  \(p)(2, \(p)(3,o.usd) < 5) then  \(p)(4);return end
           \(p)(5);signal { severity =  \(p)(6,o.usd) > 9 and 'high' or nil }
        end
        return R
        """)
    #expect(rule.clauses.map(\.leaves) == [true])
    #expect(rule.clauses.map(\.leadsToSignal) == [false])
  }

  @Test("for coverage they are its statements, whole conditions, and operands of and and or")
  func coverageProbes() throws {
    let text = """
      local R = rule {}
      function R.on_order(o)
        if not o.label or o.usd < 5 then return end
        signal { severity = o.usd > 9 and 'high' or nil }
        while true do if f() then goto out end end
        ::out::
      end
      function R.none() end
      return R
      """
    let rule = try InstrumentedRule(Array(text.utf8), for: .coverage)
    #expect(rule.source.counted == rule.probes.count)
    let p = rule.source.probe
    #expect(
      String(decoding: rule.source.text, as: UTF8.self) == """
        local \(p) <const> = \(p); local R = rule {}
        function R.on_order(o)
           \(p)(0);if  \(p)(1,not  \(p)(2,o.label) or  \(p)(3,o.usd < 5)) then  \(p)(4);return end
           \(p)(5);signal { severity =  \(p)(6,o.usd > 9) and 'high' or nil }
           \(p)(7);while true do  \(p)(8);if  \(p)(9,f()) then  \(p)(10);goto out end end
          ::out::
        end
        function R.none() \(p)(11); end
        return R
        """)
  }

  @Test("a name that the text has is not the probe's")
  func name() throws {
    #expect(try Self.instrumented(Array("local __p = 1 __p1()".utf8)).source.probe == "__p2")
  }

  @Test("what leads to a signal is found through functions and other names")
  func paths() throws {
    let text = """
      local emit = signal
      local R = {}
      local function say(o) emit { title = o } end
      function R.tell(o) say(o) end
      function R.on_order(o)
        if o.a then R.tell(o) elseif o.b then print(o) else say(o) end
        if o.c then print(o) return end
        while o.d do signal {} end
      end
      """
    let rule = try Self.instrumented(Array(text.utf8))
    #expect(rule.clauses.map(\.leadsToSignal) == [true, false, false, true])
    #expect(rule.clauses.map(\.elseLeadsToSignal) == [true, true, false, false])
  }
}
