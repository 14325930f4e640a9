import Testing

@testable import RuleKit

@Suite("The fields that a rule reads")
struct OrderFieldUseTests {
  private func fields(_ hook: String) -> Set<String>? {
    OrderFieldUse.read(by: Array("local R = rule {}\n\(hook)\nreturn R".utf8))
  }

  @Test("fields read by name are found, through other names and inner functions too")
  func found() {
    #expect(fields("function R.on_order(o) print(o.user, o['usd'], (o).t) end") == ["user", "usd", "t"])
    #expect(
      fields("function R.on_order(o) local q = o print(q.side, function() return o.late end) end")
        == ["side", "late"])
    #expect(fields("R.on_order = function(x, w) print(x.title:sub(1), w.buys.usd) end") == ["title"])
    #expect(fields("local function f(o) return o.price end R.on_order = f") == ["price"])
    #expect(fields("function R.on_order() end") == [])
    #expect(fields("function R.on_timer() end") == [])
    #expect(fields("function R.on_order(o) print(o.nothing) end") == [])
    #expect(fields("function R.on_order(o) do local o = {} print(o) end print(o.seq) end") == ["seq"])
  }

  @Test(
    "an order that gets away makes it nil",
    arguments: [
      "function R.on_order(o) print(o) end", "function R.on_order(o) local c = copy(o) print(c.user) end",
      "function R.on_order(o) local k = 'user' print(o[k]) end", "function R.on_order(o) state.o = { o } end",
      "function R.on_order(o) local q q = o print(q.user) end", "function R.on_order(...) print(...) end",
      "function R.on_order(o) o = {} print(o.user) end", "function R.on_order(o) return o end",
      "function R.on_order(o) local q = o or {} print(q.user) end", "R['on_order'] = print",
      "local h = {} function h.on_order() end",
      "local function make(r) function r.on_order(o) print(o) end end make(R)",
      "function R.on_order(o) for k in pairs(o) do print(k) end end", "R.on_order = print", "x = = 1",
      "function R.on_order(o) end function R.on_order(o) print(o) end",
      "function R.on_order(o) end local function get() return R end get().on_order = print",
      "function R.on_order(o) end local x x, R.on_order = print()",
      "local Q = R Q = Q function Q.on_order(o) end",
      "local Q = setmetatable(rule {}, {}) Q['on_' .. 'order'] = print",
      "function R.on_order(o) end R[R.name] = print",
      "function R.on_order(o) print(((o))) end",
      "local _ENV = {} function R.on_order(o) end", "function R.on_order(o) print(#o) end",
    ])
  func escapes(hook: String) {
    #expect(fields(hook) == nil)
    #expect(OrderFieldUse.read(by: Array("return require 'whole'".utf8)) == nil)
  }
}
