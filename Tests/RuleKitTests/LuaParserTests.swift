import Testing

@testable import RuleKit

/// Lua's own compiler decides what is right.
@Suite("The parser against Lua")
struct LuaParserTests {
  /// What the parser says differently than Lua, the words and the line of an error included; nil when they agree.
  static func difference(_ bytes: [UInt8], _ oracle: borrowing LuaOracle) -> String? {
    let expected = oracle.error(bytes)
    do throws(LuaSyntaxError) {
      _ = try LuaParser.parse(bytes, callDepth: 0)
      return expected.map { "accepted, but Lua says: \($0)" }
    } catch {
      guard let expected else { return "Lua accepts it, but: \(error)" }
      let message = expected.first?.isNumber == true ? "\(error.line): \(error.message)" : error.message
      return message == expected ? nil : "'\(message)' instead of '\(expected)'"
    }
  }

  @Test("every Lua file of the machine is read as Lua reads it")
  func files() {
    let oracle = LuaOracle()
    let paths = Scenery.files(below: "/", ending: ".lua")
    #expect(paths.count > 5)
    for path in paths {
      guard let bytes = Scenery.bytes(path), bytes.count < 2_000_000 else { continue }
      let expected = oracle.error(inFile: path)
      let isAccepted = (try? LuaParser.parse(bytes, callDepth: 0, isFile: true)) != nil
      #expect(isAccepted == (expected == nil), "\(path): \(expected ?? "is Lua")")
    }
  }

  @Test("the rules in documents and tests are read as Lua reads them")
  func embedded() {
    let oracle = LuaOracle()
    let texts = Scenery.embedded + Scenery.rules
    #expect(texts.count > 100)
    var accepted = 0
    for text in texts {
      if let difference = Self.difference(text, oracle) {
        Issue.record("\(difference)\n\(String(decoding: text, as: UTF8.self))")
      } else if (try? LuaParser.parse(text)) != nil {
        accepted += 1
      }
    }
    #expect(accepted > 50)
  }

  @Test("texts at the edges of the grammar and of the limits are read as Lua reads them")
  func samples() {
    let oracle = LuaOracle()
    for text in LuaSamples.all { #expect(Self.difference(Array(text.utf8), oracle) == nil, "\(text)") }
  }
}
