/// Looks single values up in a JSON text: where a page goes on, what an acknowledgement says.
///
/// It takes the text as it is and reads past everything else; nothing is built of what nobody asks for.
public struct JSONProbe: ~Copyable {
  /// What stands at a path.
  public enum Value: Equatable, Sendable {
    case string(String)
    /// A number as it is spelled.
    case number(String)
    case bool(Bool)
    case null
    case object
    case array
  }

  private let text: UnsafeMutablePointer<UInt8>
  private let count: Int
  private var reader = TextReader()

  /// Copies the text; values are looked up in the copy.
  public init(_ bytes: some Collection<UInt8>) {
    count = bytes.count
    text = .allocate(capacity: count + InputWindow.padding)
    _ = UnsafeMutableBufferPointer(start: text, count: count).initialize(from: bytes)
    (text + count).initialize(repeating: 0, count: InputWindow.padding)
  }

  deinit { text.deallocate() }

  /// The value that the keys lead to, from the outermost object inwards; nil when there is none or it is no JSON.
  ///
  /// Of a key that stands twice the first counts.
  public mutating func value(_ path: String...) -> Value? {
    var at = JSONScanner.space(BytePointer(text))
    for (depth, key) in path.enumerated() {
      guard let place = member(key, of: at, depth: depth + 1) else { return nil }
      at = place
    }
    guard let end = reader.json.value(at, depth: path.count), end <= text + count else { return nil }
    switch ValueKind(firstByte: at.pointee) {
    case .string: return reader.string(at + 1).map { .string($0) }
    case .number:
      return .number(String(decoding: UnsafeBufferPointer(start: at, count: end - at), as: UTF8.self))
    case .bool: return .bool(at.pointee == 0x74)
    case .null: return .null
    case .object: return .object
    case .array: return .array
    }
  }

  /// The text at a path, nil when it is anything else or empty.
  public mutating func text(_ first: String, _ second: String? = nil) -> String? {
    let found = second.map { value(first, $0) } ?? value(first)
    guard case .string(let text)? = found, !text.isEmpty else { return nil }
    return text
  }

  private mutating func member(_ key: String, of open: BytePointer, depth: Int) -> BytePointer? {
    guard open.pointee == Byte.openBrace else { return nil }
    var at = JSONScanner.space(open + 1)
    while at.pointee == Byte.quote {
      guard let close = reader.json.string(at + 1), let start = reader.json.colon(close) else { return nil }
      if reader.string(at + 1) == key { return start }
      guard let end = reader.json.value(start, depth: depth) else { return nil }
      at = JSONScanner.space(end)
      guard at.pointee == Byte.comma else { return nil }
      at = JSONScanner.space(at + 1)
    }
    return nil
  }
}

extension TextReader {
  /// A string of its own from the byte after the opening quote; nil when it is too long to be any name.
  fileprivate mutating func string(_ start: BytePointer) -> String? {
    let mark = arena.used
    defer { arena.used = mark }
    guard let reading = text(start) else { return nil }
    return String(decoding: UnsafeBufferPointer(start: reading.bytes, count: reading.count), as: UTF8.self)
  }
}
