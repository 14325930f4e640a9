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

  /// A text as a JSON string.
  public static func quoted(_ text: String) -> String {
    var out: [UInt8] = []
    quote(text, to: &out)
    return String(decoding: out, as: UTF8.self)
  }

  /// Appends a text as a JSON string.
  public static func quote(_ text: String, to out: inout [UInt8]) {
    out.append(Byte.quote)
    for byte in text.utf8 {
      switch byte {
      case Byte.quote, Byte.backslash:
        out.append(Byte.backslash)
        out.append(byte)
      case 0..<0x20:
        let digits = Array("0123456789abcdef".utf8)
        out.append(contentsOf: "\\u00".utf8)
        out.append(digits[Int(byte >> 4)])
        out.append(digits[Int(byte & 15)])
      default: out.append(byte)
      }
    }
    out.append(Byte.quote)
  }
}
