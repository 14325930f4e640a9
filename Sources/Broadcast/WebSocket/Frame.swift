package import NIOCore

/// Makes the frames that a server sends: whole and not masked.
///
/// A frame is an ordinary buffer. Made once it can be sent to many: its bytes are shared, not copied.
package enum Frame {
  /// A whole text message.
  package static func text(_ text: String, allocator: ByteBufferAllocator = .init()) -> ByteBuffer {
    var text = text
    return text.withUTF8 { make(0x1, UnsafeRawBufferPointer($0), allocator) }
  }

  /// A whole text message of bytes that are UTF-8, which is not checked.
  package static func text(utf8 bytes: some Sequence<UInt8>, allocator: ByteBufferAllocator = .init())
    -> ByteBuffer
  {
    withBytes(of: bytes) { make(0x1, $0, allocator) }
  }

  /// A whole binary message.
  package static func binary(_ bytes: some Sequence<UInt8>, allocator: ByteBufferAllocator = .init())
    -> ByteBuffer
  {
    withBytes(of: bytes) { make(0x2, $0, allocator) }
  }

  static func ping(_ allocator: ByteBufferAllocator = .init()) -> ByteBuffer {
    make(0x9, UnsafeRawBufferPointer(start: nil, count: 0), allocator)
  }

  static func pong(_ payload: [UInt8], allocator: ByteBufferAllocator = .init()) -> ByteBuffer {
    payload.withUnsafeBytes { make(0xA, $0, allocator) }
  }

  /// A close frame. A reason that is too long for one is cut.
  static func close(_ code: CloseCode?, reason: String = "", allocator: ByteBufferAllocator = .init())
    -> ByteBuffer
  {
    guard let code else { return make(0x8, UnsafeRawBufferPointer(start: nil, count: 0), allocator) }
    var payload = [UInt8(code.rawValue >> 8), UInt8(code.rawValue & 0xFF)]
    for character in reason {
      guard payload.count + character.utf8.count <= 125 else { break }
      payload.append(contentsOf: character.utf8)
    }
    return payload.withUnsafeBytes { make(0x8, $0, allocator) }
  }

  private static func withBytes(
    of bytes: some Sequence<UInt8>, _ body: (UnsafeRawBufferPointer) -> ByteBuffer
  ) -> ByteBuffer {
    bytes.withContiguousStorageIfAvailable { body(UnsafeRawBufferPointer($0)) }
      ?? Array(bytes).withUnsafeBytes { body($0) }
  }

  private static func make(
    _ opcode: UInt8, _ payload: UnsafeRawBufferPointer, _ allocator: ByteBufferAllocator
  ) -> ByteBuffer {
    var frame = allocator.buffer(capacity: payload.count + 10)
    frame.writeInteger(0x80 | opcode)
    switch payload.count {
    case ...125: frame.writeInteger(UInt8(payload.count))
    case ...0xFFFF:
      frame.writeInteger(UInt8(126))
      frame.writeInteger(UInt16(payload.count))
    default:
      frame.writeInteger(UInt8(127))
      frame.writeInteger(UInt64(payload.count))
    }
    frame.writeBytes(payload)
    return frame
  }
}
