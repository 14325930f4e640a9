/// WebSocket frames of a server, as bytes (RFC 6455 5.2).
extension [UInt8] {
  /// What the first byte of a whole, last frame is.
  enum FrameKind: UInt8 {
    case text = 0x81
    case binary = 0x82
    case close = 0x88
    case pong = 0x8A
  }

  /// Appends the head of a frame whose payload has `count` bytes.
  mutating func append(frame kind: FrameKind, count: Int) {
    append(kind.rawValue)
    if count < 126 {
      append(UInt8(count))
    } else if count <= 0xFFFF {
      append(126)
      append(UInt8(count &>> 8))
      append(UInt8(count & 255))
    } else {
      append(127)
      for place in 0..<8 { append(UInt8(truncatingIfNeeded: count &>> (56 - 8 * place))) }
    }
  }

  /// Appends a whole frame.
  mutating func append(frame kind: FrameKind, _ payload: some Collection<UInt8>) {
    append(frame: kind, count: payload.count)
    append(contentsOf: payload)
  }

  /// Appends a close frame with a reason.
  mutating func append(close code: UInt16, reason: String) {
    append(frame: .close, [UInt8(code &>> 8), UInt8(code & 255)] + Array(reason.utf8.prefix(120)))
  }
}
