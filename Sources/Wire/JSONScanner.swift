internal import CScan

/// A strict JSON parser (RFC 8259) that finds where values end.
///
/// Every function takes a place in a buffer that ends with 64 zero bytes and returns the place after what it
/// read, or nil with `fault` and `faultAt` set. A text that was cut has its fault exactly at its end, so the
/// caller can tell "not JSON" from "not complete".
struct JSONScanner {
  /// Containers may be nested this deep.
  static let maximumDepth = 512

  private(set) var fault = JSONFault.value
  private(set) var faultAt: BytePointer?

  /// Notes what is wrong and where; returns nil so that it can end a function.
  @inline(never)
  mutating func fail(_ fault: JSONFault, _ place: BytePointer) -> BytePointer? {
    self.fault = fault
    faultAt = place
    return nil
  }

  /// The first byte that is no white space.
  @inline(__always)
  static func space(_ start: BytePointer) -> BytePointer {
    var at = start
    while Byte.isSpace(at.pointee) { at += 1 }
    return at
  }

  /// Reads one value of any kind; `depth` is the number of containers around it.
  mutating func value(_ at: BytePointer, depth: Int) -> BytePointer? {
    switch at.pointee {
    case Byte.quote: return string(at + 1)
    case Byte.openBrace: return object(at, depth: depth + 1)
    case Byte.openBracket: return array(at, depth: depth + 1)
    case Byte.minus, 0x30...0x39: return number(at)
    case 0x74: return literal(at, "true")
    case 0x66: return literal(at, "false")
    case 0x6E: return literal(at, "null")
    default: return fail(.value, at)
    }
  }

  private mutating func object(_ open: BytePointer, depth: Int) -> BytePointer? {
    guard depth <= JSONScanner.maximumDepth else { return fail(.depth, open) }
    var at = JSONScanner.space(open + 1)
    if at.pointee == Byte.closeBrace { return at + 1 }
    while true {
      guard at.pointee == Byte.quote else { return fail(.key, at) }
      guard let key = string(at + 1), let start = colon(key) else { return nil }
      guard let end = value(start, depth: depth) else { return nil }
      at = JSONScanner.space(end)
      if at.pointee == Byte.closeBrace { return at + 1 }
      guard at.pointee == Byte.comma else { return fail(.objectComma, at) }
      at = JSONScanner.space(at + 1)
    }
  }

  private mutating func array(_ open: BytePointer, depth: Int) -> BytePointer? {
    guard depth <= JSONScanner.maximumDepth else { return fail(.depth, open) }
    var at = JSONScanner.space(open + 1)
    if at.pointee == Byte.closeBracket { return at + 1 }
    while true {
      guard let end = value(at, depth: depth) else { return nil }
      at = JSONScanner.space(end)
      if at.pointee == Byte.closeBracket { return at + 1 }
      guard at.pointee == Byte.comma else { return fail(.arrayComma, at) }
      at = JSONScanner.space(at + 1)
    }
  }

  /// Reads the colon after a key; returns where its value begins.
  mutating func colon(_ afterKey: BytePointer) -> BytePointer? {
    let at = JSONScanner.space(afterKey)
    return at.pointee == Byte.colon ? JSONScanner.space(at + 1) : fail(.colon, at)
  }

  private mutating func literal(_ start: BytePointer, _ word: StaticString) -> BytePointer? {
    for place in 0..<word.utf8CodeUnitCount where start[place] != word.utf8Start[place] {
      return fail(.literal, start + place)
    }
    return start + word.utf8CodeUnitCount
  }

  /// Reads a number in JSON's spelling.
  mutating func number(_ start: BytePointer) -> BytePointer? {
    var at = start
    if at.pointee == Byte.minus { at += 1 }
    if at.pointee == Byte.zero {
      at += 1
    } else {
      guard let end = digits(at) else { return nil }
      at = end
    }
    if at.pointee == Byte.point {
      guard let end = digits(at + 1) else { return nil }
      at = end
    }
    if at.pointee | 0x20 == Byte.letterE {
      at += 1
      if at.pointee == Byte.plus || at.pointee == Byte.minus { at += 1 }
      return digits(at)
    }
    return at
  }

  private mutating func digits(_ start: BytePointer) -> BytePointer? {
    guard Byte.isDigit(start.pointee) else { return fail(.number, start) }
    var at = start + 1
    while Byte.isDigit(at.pointee) { at += 1 }
    return at
  }
}
