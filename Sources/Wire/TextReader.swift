internal import CScan

/// Reads the strings of a message: in place where possible, through the arena where not.
struct TextReader: ~Copyable {
  /// A string's characters, and the place after its closing quote.
  struct Reading {
    var bytes: BytePointer
    var count: Int
    var end: BytePointer
  }

  var json = JSONScanner()
  var arena = TextArena()

  /// Reads a string from the byte after its opening quote.
  @inline(__always)
  mutating func text(_ start: BytePointer) -> Reading? {
    let stop: BytePointer = bbscan_stop(start)
    if stop.pointee == Byte.quote { return Reading(bytes: start, count: stop - start, end: stop + 1) }
    return general(start, lower: false)
  }

  /// Reads a string from the byte after its opening quote and makes its ASCII capitals small.
  @inline(__always)
  mutating func lowerText(_ start: BytePointer) -> Reading? {
    var upper: UInt32 = 0
    let stop: BytePointer = bbscan_stop_upper(start, &upper)
    if stop.pointee == Byte.quote, upper == 0 {
      return Reading(bytes: start, count: stop - start, end: stop + 1)
    }
    return general(start, lower: true)
  }

  /// Nil when it is no string or too long to be any text of an order.
  @inline(never)
  private mutating func general(_ start: BytePointer, lower: Bool) -> Reading? {
    var escaped = false
    guard let close = json.stringEnd(start, &escaped) else { return nil }
    let count = close - start
    if !escaped, !lower { return Reading(bytes: start, count: count, end: close + 1) }
    guard count <= TextArena.maximumText else { return nil }
    if escaped {
      let text = arena.unescape(start, count, lower: lower)
      return Reading(bytes: text.baseAddress ?? start, count: text.count, end: close + 1)
    }
    return Reading(bytes: arena.lower(start, count), count: count, end: close + 1)
  }

  /// Reads an object and notes where its values lie; `depth` counts the containers, this one included.
  mutating func object(_ open: BytePointer, depth: Int, into fields: inout ObjectFields) -> BytePointer? {
    fields.reset()
    guard depth <= JSONScanner.maximumDepth else { return json.fail(.depth, open) }
    var at = JSONScanner.space(open + 1)
    if at.pointee == Byte.closeBrace { return at + 1 }
    while true {
      guard at.pointee == Byte.quote else { return json.fail(.key, at) }
      let key = at + 1
      var escaped = false
      guard let close = json.stringEnd(key, &escaped), let start = json.colon(close + 1),
        let end = json.value(start, depth: depth)
      else { return nil }
      let field = escaped ? escapedKey(key, close - key) : WireField.named(key, close - key)
      let kind = ValueKind(firstByte: start.pointee)
      fields.add(ValueMark(start: start, end: end, field: field, kind: kind), key: key, keyCount: close - key)
      at = JSONScanner.space(end)
      if at.pointee == Byte.closeBrace { return at + 1 }
      guard at.pointee == Byte.comma else { return json.fail(.objectComma, at) }
      at = JSONScanner.space(at + 1)
    }
  }

  private mutating func escapedKey(_ key: BytePointer, _ count: Int) -> WireField {
    guard count <= TextArena.maximumText else { return .unknown }
    let mark = arena.used
    let text = arena.unescape(key, count, lower: false)
    arena.used = mark
    return text.baseAddress.map { WireField.named($0, text.count) } ?? .unknown
  }
}
