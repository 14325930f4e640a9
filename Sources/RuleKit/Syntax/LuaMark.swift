/// A token with one spelling: a reserved word, an operator, a bracket.
enum LuaMark: String, CaseIterable, Sendable {
  case and, `break`, `do`, `else`, elseif, end, `false`, `for`, function, goto, `if`, `in`, local, `nil`, not,
    or
  case `repeat`, `return`, then, `true`, until, `while`
  case plus = "+"
  case minus = "-"
  case star = "*"
  case slash = "/"
  case floorSlash = "//"
  case percent = "%"
  case caret = "^"
  case hash = "#"
  case ampersand = "&"
  case tilde = "~"
  case bar = "|"
  case shiftLeft = "<<"
  case shiftRight = ">>"
  case equal = "=="
  case notEqual = "~="
  case lessOrEqual = "<="
  case greaterOrEqual = ">="
  case less = "<"
  case greater = ">"
  case assign = "="
  case leftParenthesis = "("
  case rightParenthesis = ")"
  case leftBrace = "{"
  case rightBrace = "}"
  case leftBracket = "["
  case rightBracket = "]"
  case doubleColon = "::"
  case semicolon = ";"
  case colon = ":"
  case comma = ","
  case dot = "."
  case concat = ".."
  case dots = "..."

  /// The reserved words by their spelling.
  static let words: [String: LuaMark] = {
    var words: [String: LuaMark] = [:]
    for mark in allCases where mark.rawValue.utf8.allSatisfy({ $0 >= 0x61 && $0 <= 0x7A }) {
      words[mark.rawValue] = mark
    }
    return words
  }()
}
