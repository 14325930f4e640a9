extension LuaLexer {
  /// Passes `[`, its `=` and, when it is there, looks at the second `[` without passing it: the number of `=`
  /// plus 2 for an opening, 1 for a lone bracket, nil for an opening that lacks its second bracket.
  mutating func passOpening() -> Int? {
    let bracket = current
    position += 1
    let first = position
    while current == UInt8(ascii: "=") { position += 1 }
    let count = position - first
    if current == bracket { return count + 2 }
    return count == 0 ? 1 : nil
  }

  /// The content of a long string or comment whose opening was passed up to its second bracket.
  mutating func readLong(level: Int, isComment: Bool) throws(LuaSyntaxError) -> [UInt8] {
    let firstLine = line
    var content: [UInt8] = []
    position += 1
    if current == UInt8(ascii: "\n") || current == UInt8(ascii: "\r") { passNewline() }
    while true {
      guard let byte = current else {
        let what = isComment ? "comment" : "string"
        throw error("unfinished long \(what) (starting at line \(firstLine))", near: nil)
      }
      switch byte {
      case UInt8(ascii: "]"):
        let from = position
        if passOpening() == level {
          position += 1
          return content
        }
        if !isComment { content += bytes[from..<position] }
      case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
        if !isComment { content.append(UInt8(ascii: "\n")) }
        passNewline()
      default:
        if !isComment { content.append(byte) }
        position += 1
      }
    }
  }

  /// The content of a string between quotes.
  mutating func readString(_ quote: UInt8) throws(LuaSyntaxError) -> [UInt8] {
    content = []
    position += 1
    while true {
      guard let byte = current else { throw error("unfinished string", near: nil) }
      switch byte {
      case quote:
        position += 1
        return content
      case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
        throw error("unfinished string", near: [quote] + content)
      case UInt8(ascii: "\\"):
        escapeStart = position
        position += 1
        try readEscape()
      default:
        content.append(byte)
        position += 1
      }
    }
  }

  private static let simpleEscapes: [UInt8: UInt8] = [
    UInt8(ascii: "a"): 7, UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10,
    UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9, UInt8(ascii: "v"): 11, UInt8(ascii: "\\"): 0x5C,
    UInt8(ascii: "\""): 0x22, UInt8(ascii: "'"): 0x27,
  ]

  private mutating func readEscape() throws(LuaSyntaxError) {
    // At the end of the text the string is unfinished, which is said by the caller.
    guard let byte = current else { return }
    if let plain = LuaLexer.simpleEscapes[byte] {
      content.append(plain)
      position += 1
      return
    }
    switch byte {
    case UInt8(ascii: "x"):
      let high = try readHexDigit()
      let low = try readHexDigit()
      content.append(high << 4 | low)
      position += 1
    case UInt8(ascii: "u"): append(scalar: try readUnicodeEscape())
    case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
      passNewline()
      content.append(UInt8(ascii: "\n"))
    case UInt8(ascii: "z"):
      position += 1
      while let space = current, space == 0x20 || (space >= 9 && space <= 13) {
        if space == 10 || space == 13 { passNewline() } else { position += 1 }
      }
    default: content.append(try readDecimalEscape())
    }
  }

  /// Passes the current byte and expects a hexadecimal digit after it.
  private mutating func readHexDigit() throws(LuaSyntaxError) -> UInt8 {
    position += 1
    guard let value = current.flatMap(LuaLexer.hexValue) else {
      throw escapeError("hexadecimal digit expected")
    }
    return value
  }

  private mutating func readUnicodeEscape() throws(LuaSyntaxError) -> UInt32 {
    position += 1
    guard current == UInt8(ascii: "{") else { throw escapeError("missing '{'") }
    var value = UInt32(try readHexDigit())
    position += 1
    while let digit = current.flatMap(LuaLexer.hexValue) {
      guard value <= 0x7FFF_FFFF >> 4 else { throw escapeError("UTF-8 value too large") }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    guard current == UInt8(ascii: "}") else { throw escapeError("missing '}'") }
    position += 1
    return value
  }

  private mutating func readDecimalEscape() throws(LuaSyntaxError) -> UInt8 {
    guard let first = current, LuaLexer.isDigit(first) else { throw escapeError("invalid escape sequence") }
    var value = 0
    for _ in 0..<3 {
      guard let byte = current, LuaLexer.isDigit(byte) else { break }
      value = value * 10 + Int(byte - UInt8(ascii: "0"))
      position += 1
    }
    guard let byte = UInt8(exactly: value) else { throw escapeError("decimal escape too large") }
    return byte
  }

  /// An error in an escape; what is quoted ends with the byte that was not expected.
  private func escapeError(_ message: String) -> LuaSyntaxError {
    error(message, near: [bytes[start]] + content + bytes[escapeStart..<min(position + 1, bytes.count)])
  }

  /// UTF-8 as Lua writes it: up to 31 bits in up to six bytes, surrogates included.
  private mutating func append(scalar: UInt32) {
    guard scalar >= 0x80 else { return content.append(UInt8(scalar)) }
    var rest = scalar
    var tail: [UInt8] = []
    var limit: UInt32 = 0x3F
    repeat {
      tail.append(UInt8(0x80 | rest & 0x3F))
      rest >>= 6
      limit >>= 1
    } while rest > limit
    content.append(UInt8(truncatingIfNeeded: ~limit << 1 | rest))
    content += tail.reversed()
  }
}
