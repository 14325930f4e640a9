import Testing

@testable import RuleKit

@Suite("Types for editors")
struct EditorTypesTests {
  private let api = APIDescription.current
  private let text = EditorTypes.current.text

  /// The lines of a class, without remarks.
  private func fields(of name: String) -> [String] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard let start = lines.firstIndex(of: "---@class \(name)") else { return [] }
    return lines[(start + 1)...].prefix { $0.hasPrefix("---") }.filter { $0.hasPrefix("---@field ") }
      .map { String($0.dropFirst(10)) }
  }

  private func names(of name: String) -> [String] {
    fields(of: name).map { String($0.prefix { $0 != " " && $0 != "?" }) }
  }

  @Test("the file is Lua")
  func isLua() throws { _ = try LuaParser.parse(Array(text.utf8), isFile: true) }

  @Test("every field of an order has its annotation, and nothing else has")
  func order() {
    #expect(names(of: "Order") == api.order.map(\.name))
    #expect(fields(of: "Order").contains("market_slug? string"))
    #expect(fields(of: "Order").contains("usd integer"))
    #expect(fields(of: "Order").contains("side \"BUY\"|\"SELL\""))
    #expect(fields(of: "Order").contains("role? (\"taker\"|\"maker\")"))
  }

  @Test(
    "so has everything that rules write or are given",
    arguments: [
      ("RuleHeader", APIDescription.List.header, [String]()), ("Dedup", .dedup, []),
      ("ParameterOptions", .parameter, []), ("WindowHeader", .window, []),
      ("SequenceHeader", .sequence, ["[integer]"]), ("SignalFields", .signal, []),
      ("Group", .group, ["[string]"]),
      ("Match", .match, []), ("StepOrder", .step, []), ("HeardSignal", .heard, []), ("Gap", .gap, []),
    ])
  func tables(_ name: String, _ list: APIDescription.List, _ more: [String]) {
    #expect(names(of: name) == api[list].map(\.name) + more)
  }

  @Test("every hook is a field of a rule, with its parameters")
  func hooks() {
    #expect(names(of: "Rule") == ["params", "state_version"] + api.hooks.map(\.name))
    #expect(fields(of: "Rule").contains("on_order? fun(o: Order, w: Windows)"))
    #expect(fields(of: "Rule").contains { $0.hasPrefix("migrate? fun(") && $0.hasSuffix("): table") })
  }

  @Test("every function is declared once, with a parameter for each argument, and nothing else is")
  func functions() throws {
    let declared = text.matches(of: /(?m)^function ([\w.]+)\((.*)\) end$/)
    let expected = api.functions.filter { $0.valueType == nil }
    #expect(declared.map { String($0.output.1) } == expected.map(\.name))
    for (match, function) in zip(declared, expected) {
      #expect(match.output.2 == function.arguments.map(\.name).joined(separator: ", "))
      let above = text[..<match.range.lowerBound]
      let block = try #require(above.components(separatedBy: "\n\n").last)
      let parameters = block.matches(of: #/(?m)^---@param (\S+?)\?? /#).map { String($0.output.1) }
      #expect(parameters == function.arguments.map(\.name), "\(function.name)")
      let results = block.matches(of: /(?m)^---@return (.+)$/).map { String($0.output.1) }
      #expect(results == function.returns, "\(function.name)")
    }
  }

  @Test("every value is there: those of a table as its fields, state as a table")
  func values() {
    #expect(names(of: "mathlib") == ["huge", "maxinteger", "mininteger", "pi"])
    #expect(names(of: "utf8lib") == ["charpattern"])
    #expect(text.contains("---@type table<any, any>\nstate = {}\n"))
    let globals = text.matches(of: /(?m)^(\w+) = \{\}$/).map { String($0.output.1) }
    #expect(Set(globals) == Set(api.functions.compactMap(\.table)).union(["state"]))
  }

  @Test("every type that is named is declared")
  func types() {
    let known = Set(text.matches(of: /---@(?:class|alias) (\w+)/).map { String($0.output.1) })
    for line in text.split(separator: "\n") where line.hasPrefix("---@") && !line.hasPrefix("---@class") {
      // Capitals begin the names of our types; single ones are type variables.
      for match in line.matches(of: /\b([A-Z]\w+)/) where !line.contains("\"\(match.1)\"") {
        #expect(known.contains(String(match.1)), "\(line)")
      }
    }
  }
}

extension Substring {
  /// The parts between a text.
  fileprivate func components(separatedBy separator: String) -> [String] {
    var parts: [String] = []
    var rest = self
    while let range = rest.firstRange(of: separator) {
      parts.append(String(rest[..<range.lowerBound]))
      rest = rest[range.upperBound...]
    }
    return parts + [String(rest)]
  }
}
