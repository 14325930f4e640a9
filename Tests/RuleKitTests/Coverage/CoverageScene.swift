import CLua
import RuleEngine

@testable import RuleKit

/// Runs a text with probes in a plain Lua, which counts them.
enum CoverageScene {
  private static let harness = """
    local source, probe, calls = ...
    local seen, truths = {}, {}
    R = {}
    _ENV[probe] = function(number, value)
      seen[number] = (seen[number] or 0) + 1
      if value then truths[number] = (truths[number] or 0) + 1 end
      return value
    end
    assert(load(source, "=rule", "t"))()
    assert(load(calls, "=calls", "t"))()
    local told = {}
    for number, count in pairs(seen) do
      told[#told + 1] = number .. " " .. count .. " " .. (truths[number] or 0)
    end
    return table.concat(told, "\\n")
    """

  struct Failure: Error { var text: String }

  /// What `calls` cover of a text, whose functions they find in the global `R`.
  static func cover(_ text: String, _ calls: String, file: String = "r.lua") throws -> RuleCoverage {
    let rule = try InstrumentedRule(Array(text.utf8), for: .coverage)
    var coverage = RuleCoverage(rule, rule: "r", file: file)
    let state = luaL_newstate()
    defer { if let state { lua_close(state) } }
    luaL_openlibs(state)
    guard luaL_loadstring(state, harness) == LUA_OK else { throw Failure(text: "the harness is broken") }
    lua_pushstring(state, String(decoding: rule.source.text, as: UTF8.self))
    lua_pushstring(state, rule.source.probe)
    lua_pushstring(state, calls)
    let status = lua_pcallk(state, 3, 1, 0, 0, nil)
    let said = lua_tolstring(state, -1, nil).map { String(cString: $0) } ?? "nothing"
    guard status == LUA_OK else { throw Failure(text: said) }
    var counts = RuleCounts(probes: Array(repeating: .init(), count: rule.probes.count))
    for line in said.split(separator: "\n") {
      let numbers = line.split(separator: " ").compactMap { UInt64($0) }
      counts.probes[Int(numbers[0])] = .init(seen: numbers[1], truths: numbers[2])
    }
    coverage.add(counts)
    return coverage
  }
}
