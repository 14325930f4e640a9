import CLua
import Testing

@testable import RuleKit

/// Runs hooks with an order that writes down what is read of it: the engine will not fill more than it is told.
@Suite("The fields that a rule reads, against a run")
struct OrderFieldRunTests {
  private static let harness = """
    local source = ...
    local seen = {}
    local function value() return setmetatable({}, { __index = value, __call = value, __len = function() return 1 end }) end
    local order = setmetatable({}, { __index = function(_, key) seen[tostring(key)] = true return "text" end })
    local kept
    local env = {
      rule = function() return { params = {} } end, print = function() end, state = {},
      copy = function(o) return { user = o.user, price = o.price, late = o.late } end,
      helper = function(o) return type(o) == "table" and o.tx_hash end, pairs = pairs, type = type,
    }
    local chunk = assert(load(source, "=t", "t", env))
    local ok, R = pcall(chunk)
    if ok and type(R) == "table" and R.on_order then pcall(R.on_order, order, { buys = { n = 1 } }) end
    local names = {}
    for name in pairs(seen) do names[#names + 1] = name end
    return table.concat(names, " ")
    """

  /// The fields that a run of a rule read.
  private static func run(_ source: String, _ state: OpaquePointer?) -> Set<String>? {
    defer { lua_settop(state, 0) }
    guard luaL_loadstring(state, harness) == LUA_OK else { return nil }
    lua_pushstring(state, source)
    guard lua_pcallk(state, 1, 1, 0, 0, nil) == LUA_OK, let text = lua_tolstring(state, -1, nil) else {
      return nil
    }
    return Set(String(cString: text).split(separator: " ").map(String.init))
  }

  private static func fragment(_ dice: inout Dice, _ depth: Int) -> String {
    let field = dice.pick(["user", "usd", "late", "title", "seq", "nothing"])
    let name = dice.pick(["o", "o", "q", "p", "x"])
    if depth == 0 { return "print(\(name).\(field))" }
    let inner = fragment(&dice, depth - 1)
    switch dice.roll(16) {
    case 0: return "local q = o " + inner
    case 1: return "local p = q " + inner
    case 2: return "local q = { \(name) } print(q[1].\(field)) " + inner
    case 3: return "do local o = { user = 1 } " + inner + " end print(o.\(field))"
    case 4: return "local x = (\(name)) " + inner
    case 5:
      return "local function f(\(dice.pick(["o", "z"]))) " + inner + " end f(\(dice.pick(["o", "1", "w"])))"
    case 6: return "if \(name).\(field) then " + inner + " end"
    case 7: return "print(\(name)['\(field)']) " + inner
    case 8: return "local k = '\(field)' print(\(name)[k]) " + inner
    case 9: return "state.\(name) = \(dice.pick(["copy(o)", "o", "o.\(field)"])) print(state.o) " + inner
    case 10: return "x = \(name) " + inner
    case 11: return "\(dice.pick(["helper", "copy", "print"]))(\(name)) " + inner
    case 12: return "local x, p = 1, \(name) " + inner
    case 13: return "print(\(name).\(field) .. '', function() " + inner + " end)"
    case 14: return "(function(...) local q = ... " + inner + " end)(\(dice.pick(["o", "1"])))"
    default: return "local x = \(name) and o or \(name) " + inner + " print(x.\(field))"
    }
  }

  @Test("a run never reads a field that was not found, unless the answer is nil")
  func sound() {
    let state = luaL_newstate()
    defer { if let state { lua_close(state) } }
    luaL_openlibs(state)
    var dice = Dice(state: 11)
    var known = 0
    var reading = 0
    for _ in 0..<6_000 {
      let body = Self.fragment(&dice, 1 + dice.roll(5))
      let source =
        "local R = rule {}\nlocal q, p, x = {}, {}, {}\nfunction R.on_order(o, w)\n\(body)\nend\nreturn R"
      guard let found = OrderFieldUse.read(by: Array(source.utf8)) else { continue }
      known += 1
      let read = Self.run(source, state).map { $0.intersection(SandboxNames.orderFields) }
      #expect(read?.isSubset(of: found) == true, "\(read ?? []) in\n\(source)")
      if read?.isEmpty == false { reading += 1 }
    }
    #expect(known > 300)
    #expect(reading > 150)
  }
}
