/// A JSON value as the reference parser sees it, with the place where it begins.
indirect enum ReferenceJSON {
  case object([(key: [UInt8], value: ReferenceJSON)], at: Int)
  case array([ReferenceJSON], at: Int)
  case string([UInt8], raw: Int)
  case number([UInt8])
  case bool
  case null

  /// The place of the first byte of an object or array.
  var start: Int {
    switch self {
    case .object(_, let at), .array(_, let at): at
    default: 0
    }
  }

  /// The last value of a key, nil when missing or null.
  subscript(_ keys: String...) -> ReferenceJSON? {
    guard case .object(let members, _) = self else { return nil }
    guard let last = members.last(where: { member in keys.contains { Array($0.utf8) == member.key } }) else {
      return nil
    }
    if case .null = last.value { return nil }
    return last.value
  }

  /// The characters of a string.
  var text: [UInt8]? {
    if case .string(let text, _) = self { return text }
    return nil
  }
}

/// A strict JSON parser of the plainest kind: a byte at a time, one function a rule of RFC 8259.
struct ReferenceParser {
  let bytes: [UInt8]
  var at = 0

  struct Fault: Error {}

  init(_ bytes: [UInt8], at: Int = 0) {
    self.bytes = bytes
    self.at = at
  }

  private var current: UInt8? { at < bytes.count ? bytes[at] : nil }

  private mutating func take() throws(Fault) -> UInt8 {
    guard at < bytes.count else { throw Fault() }
    at += 1
    return bytes[at - 1]
  }

  private mutating func expect(_ byte: UInt8) throws(Fault) {
    guard try take() == byte else { throw Fault() }
  }

  mutating func skipSpace() {
    while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { at += 1 }
  }

  mutating func value(_ depth: Int = 0) throws(Fault) -> ReferenceJSON {
    switch current {
    case UInt8(ascii: "{"): return try object(depth + 1)
    case UInt8(ascii: "["): return try array(depth + 1)
    case UInt8(ascii: "\""):
      let start = at
      let text = try string()
      return .string(text, raw: at - start - 2)
    case UInt8(ascii: "t"): return try word("true", .bool)
    case UInt8(ascii: "f"): return try word("false", .bool)
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func word(_ word: String, _ value: ReferenceJSON) throws(Fault) -> ReferenceJSON {
    for byte in word.utf8 { try expect(byte) }
    return value
  }

  private mutating func object(_ depth: Int) throws(Fault) -> ReferenceJSON {
    if depth > 512 { throw Fault() }
    let start = at
    var members: [(key: [UInt8], value: ReferenceJSON)] = []
    at += 1
    skipSpace()
    if current == UInt8(ascii: "}") {
      at += 1
      return .object([], at: start)
    }
    while true {
      guard current == UInt8(ascii: "\"") else { throw Fault() }
      let key = try string()
      skipSpace()
      try expect(UInt8(ascii: ":"))
      skipSpace()
      members.append((key, try value(depth)))
      skipSpace()
      let next = try take()
      if next == UInt8(ascii: "}") { return .object(members, at: start) }
      if next != UInt8(ascii: ",") { throw Fault() }
      skipSpace()
    }
  }

  private mutating func array(_ depth: Int) throws(Fault) -> ReferenceJSON {
    if depth > 512 { throw Fault() }
    let start = at
    var elements: [ReferenceJSON] = []
    at += 1
    skipSpace()
    if current == UInt8(ascii: "]") {
      at += 1
      return .array([], at: start)
    }
    while true {
      elements.append(try value(depth))
      skipSpace()
      let next = try take()
      if next == UInt8(ascii: "]") { return .array(elements, at: start) }
      if next != UInt8(ascii: ",") { throw Fault() }
      skipSpace()
    }
  }

  private mutating func number() throws(Fault) -> ReferenceJSON {
    let start = at
    if current == UInt8(ascii: "-") { at += 1 }
    if current == UInt8(ascii: "0") { at += 1 } else { try digits() }
    if current == UInt8(ascii: ".") {
      at += 1
      try digits()
    }
    if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
      at += 1
      if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { at += 1 }
      try digits()
    }
    return .number(Array(bytes[start..<at]))
  }

  private mutating func digits() throws(Fault) {
    let start = at
    while let byte = current, byte >= 0x30, byte <= 0x39 { at += 1 }
    if at == start { throw Fault() }
  }

  private mutating func string() throws(Fault) -> [UInt8] {
    var text: [UInt8] = []
    try expect(UInt8(ascii: "\""))
    while true {
      let byte = try take()
      if byte == UInt8(ascii: "\"") { break }
      if byte < 0x20 { throw Fault() }
      if byte == UInt8(ascii: "\\") { text += try escape() } else { text.append(byte) }
    }
    // The standard library's own check of UTF-8.
    guard String(validating: text, as: UTF8.self) != nil else { throw Fault() }
    return text
  }

  private mutating func escape() throws(Fault) -> [UInt8] {
    switch try take() {
    case UInt8(ascii: "\""): return [0x22]
    case UInt8(ascii: "\\"): return [0x5C]
    case UInt8(ascii: "/"): return [0x2F]
    case UInt8(ascii: "b"): return [8]
    case UInt8(ascii: "f"): return [12]
    case UInt8(ascii: "n"): return [10]
    case UInt8(ascii: "r"): return [13]
    case UInt8(ascii: "t"): return [9]
    case UInt8(ascii: "u"): break
    default: throw Fault()
    }
    var code = try hexadecimal()
    if (0xD800...0xDBFF).contains(code) {
      try expect(UInt8(ascii: "\\"))
      try expect(UInt8(ascii: "u"))
      let low = try hexadecimal()
      guard (0xDC00...0xDFFF).contains(low) else { throw Fault() }
      code = 0x10000 + (code - 0xD800) * 0x400 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else { throw Fault() }
    return Array(String(Character(scalar)).utf8)
  }

  private mutating func hexadecimal() throws(Fault) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      let character = Character(Unicode.Scalar(try take()))
      guard character.isASCII, let digit = character.hexDigitValue else { throw Fault() }
      code = code * 16 + UInt32(digit)
    }
    return code
  }
}
