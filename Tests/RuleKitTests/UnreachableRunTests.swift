import CLua
import Testing

@testable import RuleKit

/// Runs programs with a call in front of each statement that the lint takes for unreachable.
@Suite("Code that no run gets to, against runs")
struct UnreachableRunTests {
  private static let harness = """
    local source, seed = ...
    local hits, state = 0, seed
    local env = { error = error }
    function env.c() state = (state * 1103515245 + 12345) % 2147483648 return state // 65536 % 3 == 0 end
    function env.hit() hits = hits + 1 end
    local chunk = assert(load(source, "=t", "t", env))
    debug.sethook(function() error("enough") end, "", 3000)
    pcall(chunk)
    debug.sethook()
    return hits
    """

  private static func statement(_ dice: inout Dice, _ depth: Int) -> String {
    if depth == 0 {
      return dice.pick(["c()", "c()", "c()", "do return end", "error('x')", "goto l", "break"])
    }
    func block() -> String {
      (0..<(1 + dice.roll(3))).map { _ in statement(&dice, depth - 1) }.joined(separator: " ")
    }
    let condition = dice.pick(["c()", "c()", "c()", "true", "false", "not c()", "1"])
    switch dice.roll(11) {
    case 0: return "while \(condition) do \(block()) end"
    case 1: return "repeat \(block()) until \(condition)"
    case 2: return "if \(condition) then \(block()) end"
    case 3: return "if \(condition) then \(block()) else \(block()) end"
    case 4: return "if \(condition) then \(block()) elseif \(condition) then \(block()) else \(block()) end"
    case 5: return "for i = 1, 3 do \(block()) end"
    case 6: return "do \(block()) ::l:: end"
    case 7: return "do \(block()) ::l:: \(block()) end"
    case 8: return "local f = function() \(block()) end f()"
    case 9: return "while \(condition) do \(block()) ::l:: end"
    default: return "do \(block()) end"
    }
  }

  /// The text with `hit()` in front of what was found; nil without a finding.
  private static func marked(_ text: String) -> String? {
    var bytes = Array(text.utf8)
    let places = Lint.check("r", source: bytes).filter { $0.check == .unreachableCode }.map { $0.column - 1 }
    if places.isEmpty { return nil }
    for place in places.reversed() { bytes.insert(contentsOf: Array("hit() ".utf8), at: place) }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test("no run gets to a statement that was found")
  func sound() {
    let state = luaL_newstate()
    defer { if let state { lua_close(state) } }
    luaL_openlibs(state)
    var dice = Dice(state: 21)
    var marked = 0
    for _ in 0..<6_000 {
      let text = (0..<3).map { _ in Self.statement(&dice, 1 + dice.roll(3)) }.joined(separator: " ")
      guard let program = Self.marked(text), (try? LuaParser.parse(Array(text.utf8))) != nil else { continue }
      marked += 1
      for seed in 1...4 {
        luaL_loadstring(state, Self.harness)
        lua_pushstring(state, program)
        lua_pushinteger(state, lua_Integer(seed))
        let status = lua_pcallk(state, 2, 1, 0, 0, nil)
        #expect(status == LUA_OK && lua_tointegerx(state, -1, nil) == 0, "\(program)")
        lua_settop(state, 0)
      }
    }
    #expect(marked > 300)
  }
}
