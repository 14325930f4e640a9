import Glibc
import Testing

@testable import RuleKit

/// More texts, made up: `BETTERBOT_LUA_TEXTS` says how many of each kind.
@Suite("The parser against Lua, on made-up texts")
struct LuaMutationTests {
  private static let count = getenv("BETTERBOT_LUA_TEXTS").flatMap { Int(String(cString: $0)) } ?? 20_000

  private static let seed = getenv("BETTERBOT_LUA_SEED").flatMap { UInt64(String(cString: $0)) } ?? 1

  @Test("texts that are nearly Lua are accepted or refused as Lua does")
  func mutations() {
    let oracle = LuaOracle()
    let small = LuaSamples.small.map { Array($0.utf8) }
    var mutator = LuaMutator(seed: Self.seed, corpus: Scenery.embedded + Scenery.rules + small + small)
    var accepted = 0
    for number in 0..<Self.count {
      let text = mutator.next()
      guard let difference = LuaParserTests.difference(text, oracle) else {
        if (try? LuaParser.parse(text, callDepth: 0)) != nil { accepted += 1 }
        continue
      }
      Issue.record("text \(number): \(difference)\n\(String(decoding: text, as: UTF8.self))")
    }
    #expect(accepted > Self.count / 50)
    #expect(accepted < Self.count)
  }

  @Test("programs written after the grammar are accepted or refused as Lua does")
  func programs() {
    let oracle = LuaOracle()
    var grammar = LuaGrammar(seed: Self.seed)
    var accepted = 0
    for number in 0..<Self.count / 16 {
      let text = grammar.next()
      guard let difference = LuaParserTests.difference(text, oracle) else {
        if (try? LuaParser.parse(text, callDepth: 0)) != nil { accepted += 1 }
        continue
      }
      Issue.record("program \(number): \(difference)\n\(String(decoding: text, as: UTF8.self))")
    }
    #expect(accepted > Self.count / 320)
  }

  @Test("any bytes give a tree or an error")
  func anyBytes() {
    let oracle = LuaOracle()
    var dice = Dice(state: Self.seed)
    for _ in 0..<Self.count / 4 {
      let limit = dice.pick([8, 60, 300])
      let mask: UInt8 = dice.pick([0xFF, 0x7F])
      let text = (0..<dice.roll(limit)).map { _ in UInt8(truncatingIfNeeded: dice.next()) & mask }
      #expect(LuaParserTests.difference(text, oracle) == nil, "\(text)")
    }
  }
}
