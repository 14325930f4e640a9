/// A Lua text, read: its tree, its variables, its comments. A value without references that form a cycle.
public struct LuaChunk: Sendable {
  /// The text as it was given; all ranges are of its bytes.
  public var bytes: [UInt8]
  /// All functions; the first is the chunk itself.
  public var functions: [LuaFunction] = []
  /// All expressions, parts before wholes.
  public var expressions: [LuaExpression] = []
  /// All local variables in the order of their declaration.
  public var locals: [LuaLocal] = []
  /// All comments in their order.
  public var comments: [LuaComment] = []
  /// Where each line begins.
  public var lineStarts: [Int] = [0]

  /// The statements of the chunk itself.
  public var body: LuaBlock { functions.first?.body ?? LuaBlock() }

  /// The expression of a number that this chunk gave out.
  public subscript(id: LuaExpression.ID) -> LuaExpression { expressions[id.index] }
  /// The function of a number that this chunk gave out.
  public subscript(id: LuaFunction.ID) -> LuaFunction { functions[id.index] }
  /// The local of a number that this chunk gave out.
  public subscript(id: LuaLocal.ID) -> LuaLocal { locals[id.index] }

  /// Line of a byte, from 1.
  public func line(of offset: Int) -> Int {
    var low = 0
    var high = lineStarts.count
    while low + 1 < high {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    return low + 1
  }

  /// Column of a byte in its line, in bytes from 1.
  public func column(of offset: Int) -> Int { offset - lineStarts[line(of: offset) - 1] + 1 }

  /// The text of a range; bytes that are not UTF-8 become replacement characters.
  public func text(_ range: Range<Int>) -> String {
    String(decoding: bytes[range.clamped(to: 0..<bytes.count)], as: UTF8.self)
  }

  /// The bytes of a line without the blanks around it; nil when there is no such line.
  func bytes(ofLine line: Int) -> Range<Int>? {
    guard lineStarts.indices.contains(line - 1) else { return nil }
    var (start, end) = (lineStarts[line - 1], line < lineStarts.count ? lineStarts[line] : bytes.count)
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
    while start < end, isBlank(bytes[end - 1]) { end -= 1 }
    while start < end, isBlank(bytes[start]) { start += 1 }
    return start..<end
  }

  /// The text of a range in one line; a long one is told by its beginning.
  func excerpt(_ range: Range<Int>) -> String {
    let text = text(range).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return text.count > 60 ? text.prefix(59) + "…" : text
  }
}
