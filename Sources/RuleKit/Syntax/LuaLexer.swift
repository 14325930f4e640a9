/// Cuts a Lua text into tokens, as the lexer of Lua 5.4 does.
struct LuaLexer {
  let bytes: [UInt8]
  /// The next byte.
  var position: Int
  /// The line that the next byte is in.
  var line = 1
  var lineStarts: [Int] = [0]
  var comments: [LuaComment] = []
  /// Where the token that is being read began.
  var start = 0
  /// What the string that is being read contains so far.
  var content: [UInt8] = []
  /// Where the escape that is being read began.
  var escapeStart = 0

  /// Starts at a byte of a text; what is before it is skipped.
  init(_ bytes: [UInt8], from position: Int = 0) {
    self.bytes = bytes
    self.position = position
  }

  /// The next byte; nil at the end.
  var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  /// The next token; at the end of the text the token `end`, for ever.
  mutating func next() throws(LuaSyntaxError) -> LuaToken {
    while try skipBlank() {}
    start = position
    let line = line
    let kind = try read()
    return LuaToken(kind: kind, range: start..<position, line: line)
  }

  /// Skips what stands between tokens; true when there was something.
  private mutating func skipBlank() throws(LuaSyntaxError) -> Bool {
    guard let byte = current else { return false }
    switch byte {
    case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
      passNewline()
      return true
    case UInt8(ascii: " "), UInt8(ascii: "\t"), 0x0B, 0x0C:
      position += 1
      return true
    case UInt8(ascii: "-") where position + 1 < bytes.count && bytes[position + 1] == UInt8(ascii: "-"):
      try skipComment()
      return true
    default: return false
    }
  }

  private mutating func skipComment() throws(LuaSyntaxError) {
    start = position
    let line = line
    position += 2
    if current == UInt8(ascii: "["), let level = passOpening(), level >= 2 {
      _ = try readLong(level: level, isComment: true)
    } else {
      while let byte = current, byte != UInt8(ascii: "\n"), byte != UInt8(ascii: "\r") { position += 1 }
    }
    comments.append(LuaComment(range: start..<position, line: line, lastLine: self.line))
  }

  /// Passes a line break of one or two bytes.
  mutating func passNewline() {
    let first = current
    position += 1
    if let second = current, second != first, second == UInt8(ascii: "\n") || second == UInt8(ascii: "\r") {
      position += 1
    }
    line += 1
    lineStarts.append(position)
  }

  private mutating func read() throws(LuaSyntaxError) -> LuaToken.Kind {
    guard let byte = current else { return .end }
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
      return readName()
    case UInt8(ascii: "0")...UInt8(ascii: "9"): return try readNumber()
    case UInt8(ascii: "\""), UInt8(ascii: "'"): return .string(try readString(byte))
    case UInt8(ascii: "["):
      guard let level = passOpening() else {
        throw error("invalid long string delimiter", near: Array(bytes[start..<position]))
      }
      if level >= 2 { return .string(try readLong(level: level, isComment: false)) }
      return .mark(.leftBracket)
    case UInt8(ascii: "."):
      if position + 1 < bytes.count, LuaLexer.isDigit(bytes[position + 1]) {
        position += 1
        return try readNumber()
      }
      return readSymbol()
    default: return readSymbol()
    }
  }

  private mutating func readName() -> LuaToken.Kind {
    while let byte = current, LuaLexer.isNameByte(byte) { position += 1 }
    let name = String(decoding: bytes[start..<position], as: UTF8.self)
    return LuaMark.words[name].map { .mark($0) } ?? .name(name)
  }

  private mutating func readSymbol() -> LuaToken.Kind {
    for length in [3, 2, 1] where position + length <= bytes.count {
      guard let mark = LuaLexer.symbols[Array(bytes[position..<position + length])] else { continue }
      position += length
      return .mark(mark)
    }
    position += 1
    return .byte(bytes[start])
  }

  /// Operators and brackets by their bytes: as texts, U+037E would equal the semicolon.
  private static let symbols: [[UInt8]: LuaMark] = {
    var symbols: [[UInt8]: LuaMark] = [:]
    for mark in LuaMark.allCases where LuaMark.words[mark.rawValue] == nil {
      symbols[Array(mark.rawValue.utf8)] = mark
    }
    return symbols
  }()

  static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

  static func isLetter(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "_") || (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z"))
  }

  static func isNameByte(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) }

  /// The value of a hexadecimal digit.
  static func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  /// An error in the token that is read, with the bytes that it is about; nil at the end of the text.
  func error(_ message: String, near: [UInt8]?) -> LuaSyntaxError {
    let at = near == nil ? position : start
    let before = lineStarts.last { $0 <= at } ?? 0
    let quoted = near.map { "'\(LuaLexer.shown($0))'" } ?? "<eof>"
    return LuaSyntaxError(line: line, column: at - before + 1, message: "\(message) near \(quoted)")
  }

  /// Bytes as an error shows them: Lua stops at a NUL.
  static func shown(_ bytes: [UInt8]) -> String { String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }
}
