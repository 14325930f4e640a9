@testable import RuleKit

/// Makes texts that are nearly Lua out of texts that are Lua.
struct LuaMutator {
  var dice: Dice
  let corpus: [[UInt8]]

  init(seed: UInt64, corpus: [[UInt8]]) {
    dice = Dice(state: seed)
    self.corpus = corpus
  }

  private static let oddities = [
    "end", "do", "then", "else", "elseif", "until", "repeat", "if x then", "while x do", "for i = 1, 2 do",
    "for k, v in pairs(t) do", "function", "function(...)", "return", "break", "goto a", "::a::", "::b::",
    "local",
    "local x <const> = 1", "local y <close> = nil", "x", "nil", "true", "...", "..", ".", ":", "::", ";", ",",
    "=",
    "==", "~=", "<", "<=", "<<", ">>", ">", "//", "/", "~", "&", "|", "^", "%", "#", "not", "and", "or", "-",
    "--",
    "--[[", "]]", "[[", "[==[", "]==]", "[=", "--[==[", "(", ")", "{", "}", "[", "]", "0x", "0x1p", "1e",
    "1e400",
    "3.", ".5", "0xA.8p-2", "9223372036854775808", "1..2", "08", "\"", "'", "\"\\x4\"", "\"\\u{7FFFFFFF}\"",
    "\"\\u{110000000}\"", "\"\\z \n\"", "\"\\999\"", "'\\\n'", "\\", "@", "!", "\u{0}", "\u{7f}", "é", "\n",
    "\r\n",
    "_ENV", "local _ENV = {}", "x.y", "x:y()", "f{}", "f''", "(f)()", "a, b = 1", "x = x",
  ].map { Array($0.utf8) }

  /// The next text.
  mutating func next() -> [UInt8] {
    var text = window()
    for _ in 0...dice.roll(4) { text = mutate(text) }
    return text
  }

  /// Some lines of a text of the corpus.
  private mutating func window() -> [UInt8] {
    let text = dice.pick(corpus)
    guard text.count > 700 else { return text }
    let start = dice.roll(text.count - 600)
    let from = text[start...].firstIndex(of: UInt8(ascii: "\n")) ?? start
    return dice.roll(3) == 0 ? Array(text.prefix(700)) : Array(text[from...].prefix(100 + dice.roll(600)))
  }

  private mutating func mutate(_ text: [UInt8]) -> [UInt8] {
    switch dice.roll(10) {
    case 0, 1, 2, 3, 4: return mutateTokens(text)
    case 5: return Array(text.prefix(dice.roll(text.count + 1)))
    case 6: return splice(text, window())
    default: return mutateBytes(text)
    }
  }

  private mutating func splice(_ first: [UInt8], _ second: [UInt8]) -> [UInt8] {
    Array(first.prefix(dice.roll(first.count + 1))) + second.dropFirst(dice.roll(second.count + 1))
  }

  private mutating func mutateBytes(_ text: [UInt8]) -> [UInt8] {
    guard !text.isEmpty else { return dice.pick(Self.oddities) }
    var text = text
    let place = dice.roll(text.count)
    switch dice.roll(5) {
    case 0: text.remove(at: place)
    case 1: text.insert(text[place], at: place)
    case 2: text[place] = UInt8(truncatingIfNeeded: dice.next())
    case 3: text.swapAt(place, dice.roll(text.count))
    default: text.insert(contentsOf: dice.pick(Self.oddities), at: place)
    }
    return text
  }

  private mutating func mutateTokens(_ text: [UInt8]) -> [UInt8] {
    var tokens = Self.tokens(text)
    guard !tokens.isEmpty else { return dice.pick(Self.oddities) }
    let place = dice.roll(tokens.count)
    switch dice.roll(6) {
    case 0: tokens.remove(at: place)
    case 1: tokens.insert(tokens[place], at: place)
    case 2: tokens.swapAt(place, dice.roll(tokens.count))
    case 3: tokens[place] = dice.pick(Self.oddities)
    case 4: tokens[place] = dice.pick(tokens)
    default: tokens.insert(dice.pick(Self.oddities), at: place)
    }
    return Array(tokens.joined(separator: [UInt8(ascii: " ")]))
  }

  private static func tokens(_ text: [UInt8]) -> [[UInt8]] {
    var lexer = LuaLexer(text)
    var tokens: [[UInt8]] = []
    while let token = try? lexer.next(), token.kind != .end { tokens.append(Array(text[token.range])) }
    return tokens
  }
}
