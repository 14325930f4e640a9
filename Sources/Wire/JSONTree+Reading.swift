extension JSONTree {
  /// Reads exactly one JSON text (RFC 8259); nil for anything else, comments included.
  ///
  /// It runs the parser of the order scanner. Nil too for a string with escapes of more than 24 KiB.
  public init?(_ bytes: some Collection<UInt8>) {
    let count = bytes.count
    let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: count + InputWindow.padding)
    defer { copy.deallocate() }
    _ = UnsafeMutableBufferPointer(start: copy, count: count).initialize(from: bytes)
    (copy + count).initialize(repeating: 0, count: InputWindow.padding)
    var reader = TextReader()
    let start = JSONScanner.space(BytePointer(copy))
    // What follows may take for granted that the text is JSON, and nested no deeper than the scanner allows.
    guard let end = reader.json.value(start, depth: 0), JSONScanner.space(end) == copy + count,
      let (value, _) = reader.tree(start)
    else { return nil }
    self = value
  }
}

extension TextReader {
  /// The value that begins at a place of a text without faults, and where it ends.
  fileprivate mutating func tree(_ start: BytePointer) -> (value: JSONTree, end: BytePointer)? {
    switch ValueKind(firstByte: start.pointee) {
    case .object: return object(start)
    case .array: return array(start)
    case .string: return string(start).map { (.string($0.text), $0.end) }
    case .number, .bool, .null: break
    }
    guard let end = json.value(start, depth: 0) else { return nil }
    switch ValueKind(firstByte: start.pointee) {
    case .bool: return (.bool(start.pointee == 0x74), end)
    case .null: return (.null, end)
    default:
      let digits = UnsafeBufferPointer(start: start, count: end - start)
      return (.number(String(decoding: digits, as: UTF8.self)), end)
    }
  }

  private mutating func object(_ open: BytePointer) -> (value: JSONTree, end: BytePointer)? {
    var members: [JSONTree.Member] = []
    var at = JSONScanner.space(open + 1)
    while at.pointee != Byte.closeBrace {
      guard let name = string(at), let place = json.colon(name.end), let value = tree(place) else {
        return nil
      }
      members.append(JSONTree.Member(name.text, value.value))
      at = JSONScanner.space(value.end)
      if at.pointee == Byte.comma { at = JSONScanner.space(at + 1) }
    }
    return (.object(members), at + 1)
  }

  private mutating func array(_ open: BytePointer) -> (value: JSONTree, end: BytePointer)? {
    var items: [JSONTree] = []
    var at = JSONScanner.space(open + 1)
    while at.pointee != Byte.closeBracket {
      guard let item = tree(at) else { return nil }
      items.append(item.value)
      at = JSONScanner.space(item.end)
      if at.pointee == Byte.comma { at = JSONScanner.space(at + 1) }
    }
    return (.array(items), at + 1)
  }

  private mutating func string(_ quote: BytePointer) -> (text: String, end: BytePointer)? {
    let mark = arena.used
    defer { arena.used = mark }
    guard let reading = text(quote + 1) else { return nil }
    let bytes = UnsafeBufferPointer(start: reading.bytes, count: reading.count)
    return (String(decoding: bytes, as: UTF8.self), reading.end)
  }
}
