/// Whole texts, as opposed to messages in a stream.
public enum JSONText {
  /// Whether the bytes are exactly one JSON text (RFC 8259); runs the parser that the order scanner uses.
  ///
  /// A byte order mark is not JSON. Half a surrogate pair and nesting deeper than 512 levels are refused,
  /// which the standard leaves open.
  public static func isStrict(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: bytes.count + InputWindow.padding)
    defer { copy.deallocate() }
    if let source = bytes.baseAddress { copy.update(from: source, count: bytes.count) }
    (copy + bytes.count).initialize(repeating: 0, count: InputWindow.padding)
    let start = BytePointer(copy)
    var scanner = JSONScanner()
    guard let end = scanner.value(JSONScanner.space(start), depth: 0) else { return false }
    return JSONScanner.space(end) == start + bytes.count
  }
}
