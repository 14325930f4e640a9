import Testing

@testable import RuleKit

@Suite("The lint")
struct LintTests {
  /// A rule with two windows and three parameters, and a hook with a body.
  static func rule(_ body: String, before: String = "") -> String {
    """
    local R = rule {
      params  = { min_usd = param.usd(5), size = param.shares(1), ratio = param.number(0.5) },
      windows = {
        buys = window.sliding { by = { "user" }, span = "1m", agg = { n = count(), usd = sum "usd", m = mean "usd" } },
        bars = window.tumbling { by = { "user" }, span = "1m", agg = { last = last "price", slug = last "title" } },
      },
    }
    \(before)
    function R.on_order(o, w)
      local _ = R.params.min_usd, R.params.size, R.params.ratio, w.buys
    \(body)
    end
    function R.on_close(name, key, bar) if bar.last > 1.5 then return end end -- betterbot: allow decimal-money
    return R
    """
  }

  static func check(_ source: String, kind: Lint.FileKind = .rule) -> [LintFinding] {
    Lint.check("r", source: Array(source.utf8), kind: kind)
  }

  /// The names of what is found in a hook with a body.
  static func names(_ body: String, before: String = "") -> [String] {
    check(rule(body, before: before)).map(\.name)
  }

  @Test(
    "fields that an order does not have are errors",
    arguments: [
      "print(o.userr)", "local x = o.nothing print(x)", "print(o['usr'])", "local q = o print(q.userr)",
      "print((o).userr)", "o:user()  o:sell()", "local f = function() return o.userr end f()",
    ])
  func unknownFields(body: String) {
    #expect(Self.names(body) == ["unknown-field"])
  }

  @Test(
    "windows, parameters and aggregates that were not declared are errors",
    arguments: [
      "print(w.buy)", "print(R.params.min)", "local b = w.buys print(b.ussd)",
      "print(group('buys', o.user).num)",
      "for g in groups 'buys' do print(g.usr) end", "local p = R.params print(p.mni_usd)",
    ])
  func unknownDeclarations(body: String) {
    #expect(Self.names(body) == ["unknown-field"])
  }

  @Test(
    "what may be read is not found fault with",
    arguments: [
      "print(o.user, o['usd'], o.label, o.late, o.usd_floor)", "local u = o.user print(u.x)",
      "local b = w.buys print(b.n, b.usd, b.user, b.truncated, b:orders())", "print(o.user:sub(1, 2))",
      "do local o = {} print(o.userr) end -- betterbot: allow shadowed-name", "print(w[o.user], o[o.user])",
      "print(R.params.min_usd, R.params.ratio)", "for g in groups 'buys' do print(g.user, g.m) end",
    ])
  func knownFields(body: String) {
    #expect(Self.names(body) == [])
  }

  @Test(
    "money compared with a decimal point is an error",
    arguments: [
      "if o.usd > 0.5 then print(1) end", "print(o.price == .5)", "print(-0.04 <= o.price)",
      "print(o.shares < 1.5)",
      "local b = w.buys if b.usd >= 10.0 then print(1) end", "print(R.params.min_usd < 0.5, 1)",
      "local p = o.price local q = p - R.params.min_usd print(q > 0.04)",
      "print(math.abs(o.price - 5) > 0.1)",
      "print((o.usd or 0) > 2.5)", "print(group('buys', 'x').usd > 0.5)", "print(o.usd * 3 > 0.5)",
      "for g in groups 'buys' do print(g.usd > 1.5) end", "local limit = 0.04 print(o.price > limit)",
    ])
  func decimalMoney(body: String) {
    #expect(Self.names(body) == ["decimal-money"])
  }

  @Test(
    "other comparisons are not",
    arguments: [
      "print(o.usd > 5, o.usd > usd(0.5), o.price > cents(4), o.t > 0.5, o.seq > 1.5)",
      "print(w.buys.n > 1.5)",
      "print(w.buys.m > 0.5)", "print(o.usd / 2 > 0.5)", "print(o.price / 1e6 > 0.5, o.usd > 1e6)",
      "print(R.params.ratio > 0.5)", "print(o.usd / w.buys.usd > 0.5)",
      "print(o.usd > 1.5 * R.params.min_usd)",
      "local x = o.usd x = 1 print(x > 0.5)", "print(o.price * o.shares > 0.5)",
    ])
  func exactMoney(body: String) {
    #expect(Self.names(body) == [])
  }

  @Test("names that nothing declares are errors, with a suggestion")
  func globals() {
    #expect(Self.names("print(foo)") == ["undeclared-global"])
    #expect(Self.names("total = 1") == ["undeclared-global"])
    #expect(Self.names("function helper() end") == ["undeclared-global"])
    #expect(Self.names("print(os.time())") == ["undeclared-global"])
    #expect(Self.names("print(math.pow(1, 2), string.dump)") == ["undeclared-global", "undeclared-global"])
    #expect(Self.check("print(math.sqr(2))").first?.message.hasSuffix("(did you mean 'math.sqrt'?)") == true)
    #expect(Self.names("state = {}") == ["undeclared-global"])
    #expect(Self.names("print(math.floor(1.5), table.unpack({}), fmt.usd(1), state.x)") == [])
    #expect(Self.names("local _ENV = {} print(x)") == [])
    let found = Self.check("local amount = 1\nreturn amuont")
    #expect(
      found.map(\.description) == [
        "r.lua:1:7: warning: 'amount' is never read: remove it, or call it '_amount' [unused-local]",
        "r.lua:2:8: error: 'amuont' is not declared, and does not exist in a rule (did you mean 'amount'?) "
          + "[undeclared-global]",
      ])
  }

  @Test(
    "the order itself must not be kept",
    arguments: [
      "state.last = o", "state.list[#state.list + 1] = o", "last = o", "seen[o.user] = o", "seen.x.y = { o }",
      "table.insert(seen, o)", "table.insert(state.list, 1, o)", "local l = state.list l[1] = o",
      "state.x = state.x or o", "seen[o] = true", "local t = { order = o } seen.t = t",
      "local q = o seen.q = q",
      "seen.f = function() return o.user end", "local l = state.l or {} l[1] = o",
    ])
  func keptOrder(body: String) {
    #expect(Self.names(body, before: "local last, seen = nil, {} print(last)").contains("kept-order"))
  }

  @Test(
    "copies, fields and what the call itself forgets may be kept",
    arguments: [
      "state.last = copy(o)", "seen[o.user] = o.usd", "local t = {} t[1] = o print(t)",
      "local q = o print(q)",
      "table.insert(seen, copy(o))", "local t = {} table.insert(t, o)",
      "seen.f = function(o) return o.user end",
      "local t = { o } print(t[1])", "seen[o.user] = { o.usd, copy(o) }", "local x x = o print(x)",
    ])
  func copied(body: String) {
    let names = Self.names(body, before: "local seen = {}")
    #expect(!names.contains("kept-order"))
  }

  @Test("locals that nothing reads are warned of")
  func unusedLocals() {
    #expect(Self.names("local x = 1") == ["unused-local"])
    #expect(Self.names("local x x = 1") == ["unused-local"])
    #expect(Self.names("local function f() end") == ["unused-local"])
    #expect(Self.names("local a, b = 1, 2 print(b)") == ["unused-local"])
    #expect(Self.names("local _x = 1 for i = 1, 2 do end for k, v in ipairs({}) do end") == [])
    #expect(Self.names("local f f = function() return f() end") == [])
  }

  @Test("a name that hides another is warned of")
  func shadows() {
    #expect(Self.names("local a = 1 do local a = 2 print(a) end print(a)") == ["shadowed-name"])
    #expect(Self.names("local usd = 1 print(usd)") == ["shadowed-name"])
    #expect(Self.names("local f = function(o) return o end f()") == ["shadowed-name"])
    #expect(Self.names("", before: "local first = 1 print(first)") == [])
    #expect(Self.check("local first = 1 print(first)\n" + Self.rule("")).map(\.name) == ["shadowed-name"])
    #expect(Self.names("local first, count = 1, 2 print(first, count)") == [])
    #expect(Self.names("", before: "local usd = usd print(usd)") == [])
    #expect(Self.names("", before: "function R.on_timer(name, now, w) print(name, now, w) end") == [])
  }

  @Test(
    "a choice that pairs makes is warned of",
    arguments: [
      "for k, v in pairs(state) do signal { title = k, data = { v } } end",
      "for k, v in pairs(state.x) do if v > 3 then return k end end",
      "local best for k, v in pairs(state) do if v then best = k break end end print(best)",
    ])
  func keyOrder(body: String) {
    #expect(Self.names(body) == ["key-order"])
  }

  @Test(
    "a loop whose outcome is the same in any order is not",
    arguments: [
      "local n = 0 for k, v in pairs(state) do n = n + v end print(n)",
      "for k, v in ipairs({}) do signal {} end",
      "for k, v in pairs(state) do if v == o.user then return true end end",
      "for k, v in pairs(state) do if v == 1 then state[k] = v end end",
      "for k in pairs(state) do for i = 1, 3 do if i == 2 then break end end state[k] = nil end",
      "local best for k, v in pairs(state) do if not best or v > best then best = v end end print(best)",
      "local found for _, v in pairs(state) do if v == 1 then found = true break end end print(found)",
      "for k in pairs(state) do state[k] = function() return k end end",
    ])
  func anyOrder(body: String) {
    #expect(Self.names(body) == [])
  }

  @Test(
    "code that no run gets to is warned of",
    arguments: [
      "do return end print(1)", "error('x') print(1)", "while true do print(1) end print(2)",
      "if false then print(1) end", "if true then print(1) else print(2) end", "while false do print(1) end",
      "for i = 1, 2 do break print(i) end", "repeat print(1) until false print(2)",
      "if o.usd then error('a') else error('b') end print(1)", "do goto done print(1) end ::done::",
      "while true do for i = 1, 2 do break end end print(1)",
    ])
  func unreachable(body: String) {
    #expect(Self.names(body) == ["unreachable-code"])
  }

  @Test(
    "code that a run may get to is not",
    arguments: [
      "while true do if o.usd then break end end print(1)", "if o.usd then error('x') end print(1)",
      "while true do if o.usd then goto out end end ::out:: print(1)", "goto a ::a:: print(1)",
      "if o.usd then return end print(1)", "repeat print(1) until true print(2)", "do error('x') end",
      "for i = 1, 2 do if i then goto next end print(i) ::next:: end", "while true do return end",
    ])
  func reachable(body: String) {
    #expect(Self.names(body) == [])
  }

  @Test("comparisons in brackets, which this Lua compiles wrongly, are warned of")
  func comparisonIndex() {
    #expect(Self.names("local t = {} print(t[o.usd < 5])") == ["comparison-index"])
    #expect(Self.names("local t = { [not (o.usd == 5)] = 1 } print(t)") == ["comparison-index"])
    #expect(Self.names("local t, k = {}, o.usd < 5 print(t[k], t[o.usd < 5 and 1 or 2])") == [])
  }

  @Test("a text that is not Lua is one error")
  func syntax() {
    #expect(
      Self.check("x = = 1").map(\.description) == ["r.lua:1:5: error: unexpected symbol near '=' [syntax]"])
    #expect(Self.check("return function() return zzz end", kind: .library).first?.file == "lib/r.lua")
  }
}
