extension LuaLexer {
  /// A number; a dot that begins it was passed already.
  mutating func readNumber() throws(LuaSyntaxError) -> LuaToken.Kind {
    let isDotted = position != start
    var isHex = false
    if current == UInt8(ascii: "0"), position + 1 < bytes.count,
      bytes[position + 1] | 0x20 == UInt8(ascii: "x")
    {
      isHex = true
      position += 2
    }
    let exponent = isHex ? UInt8(ascii: "p") : UInt8(ascii: "e")
    while let byte = current {
      if byte | 0x20 == exponent {
        position += 1
        if current == UInt8(ascii: "-") || current == UInt8(ascii: "+") { position += 1 }
      } else if LuaLexer.hexValue(byte) != nil || byte == UInt8(ascii: ".") {
        position += 1
      } else {
        break
      }
    }
    // A letter that touches a number makes it malformed.
    if let byte = current, LuaLexer.isLetter(byte) { position += 1 }
    if isHex, isDotted { throw error("malformed number", near: Array(bytes[start..<position])) }
    if let value = LuaLexer.integer(bytes[start..<position], isHex: isHex) { return .integer(value) }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    guard let value = LuaLexer.float(text, isHex: isHex) else {
      throw error("malformed number", near: Array(bytes[start..<position]))
    }
    return .float(value)
  }

  /// A whole number: a decimal one that fits, a hexadecimal one of any length, of which the last 64 bits count.
  private static func integer(_ digits: ArraySlice<UInt8>, isHex: Bool) -> Int64? {
    if isHex {
      guard digits.count > 2 else { return nil }
      var value: UInt64 = 0
      for byte in digits.dropFirst(2) {
        guard let digit = hexValue(byte) else { return nil }
        value = value << 4 | UInt64(digit)
      }
      return Int64(bitPattern: value)
    }
    var value: Int64 = 0
    for byte in digits {
      guard isDigit(byte) else { return nil }
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, more) = product.addingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
      if overflow || more { return nil }
      value = sum
    }
    return value
  }

  /// A number with a point, an exponent or too many digits; past the largest it is infinite.
  private static func float(_ text: String, isHex: Bool) -> Double? {
    let body = isHex ? text.utf8.dropFirst(2) : text.utf8[...]
    let mantissa = body.prefix { $0 | 0x20 != (isHex ? UInt8(ascii: "p") : UInt8(ascii: "e")) }
    let digits = mantissa.count { $0 != UInt8(ascii: ".") }
    guard digits > 0, mantissa.count - digits <= 1 else { return nil }
    return Double(text)
  }
}
