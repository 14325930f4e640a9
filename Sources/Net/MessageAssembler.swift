internal import NIOCore
internal import NIOWebSocket

/// Makes messages of frames as RFC 6455 wants it, and finds what breaks its rules.
struct MessageAssembler {
  /// What a frame asks for.
  enum Action: Equatable {
    case nothing
    case message(ByteBuffer)
    case pong(ByteBuffer)
    /// The peer closes.
    case close(code: UInt16?, text: ByteBuffer)
    /// The connection must be closed with this code.
    case violation(code: UInt16, String)
    /// The connection must be closed with 1009.
    case tooBig
  }

  private enum State {
    case between
    case inside(isText: Bool, ByteBuffer)
  }

  /// The limit for one message in bytes.
  let maximumBytes: Int
  private var state = State.between

  init(maximumBytes: Int) { self.maximumBytes = maximumBytes }

  /// Takes the next frame of a server.
  mutating func accept(_ frame: WebSocketFrame) -> Action {
    // 5.1: a server does not mask. 5.2: without an extension, the reserved bits are zero.
    if frame.maskKey != nil { return .violation(code: 1002, "a masked frame") }
    if frame.rsv1 || frame.rsv2 || frame.rsv3 { return .violation(code: 1002, "a frame with reserved bits") }
    switch frame.opcode {
    case .text: return start(frame, isText: true)
    case .binary: return start(frame, isText: false)
    case .continuation: return proceed(frame)
    case .ping: return .pong(frame.data)
    case .pong: return .nothing
    case .connectionClose: return close(frame.data)
    default: return .violation(code: 1002, "a frame of an unknown kind")
    }
  }

  private mutating func start(_ frame: WebSocketFrame, isText: Bool) -> Action {
    guard case .between = state else {
      return .violation(code: 1002, "a new message before the end of the last one")
    }
    if frame.fin { return finish(frame.data, isText: isText) }
    state = .inside(isText: isText, frame.data)
    return .nothing
  }

  private mutating func proceed(_ frame: WebSocketFrame) -> Action {
    guard case .inside(let isText, var message) = state else {
      return .violation(code: 1002, "the rest of a message that did not begin")
    }
    // The buffer must have one owner, or each fragment would copy all before it.
    state = .between
    guard message.readableBytes + frame.length <= maximumBytes else { return .tooBig }
    message.writeImmutableBuffer(frame.data)
    if frame.fin { return finish(message, isText: isText) }
    state = .inside(isText: isText, message)
    return .nothing
  }

  private func finish(_ message: ByteBuffer, isText: Bool) -> Action {
    guard message.readableBytes <= maximumBytes else { return .tooBig }
    if isText, !MessageAssembler.isUTF8(message) {
      return .violation(code: 1007, "a text that is not UTF-8")
    }
    return .message(message)
  }

  private func close(_ data: ByteBuffer) -> Action {
    var data = data
    if data.readableBytes == 0 { return .close(code: nil, text: data) }
    guard let code = data.readInteger(as: UInt16.self) else {
      return .violation(code: 1002, "a close frame of one byte")
    }
    // 7.4: what may be sent; the others are reserved or only have a meaning inside of a program.
    switch code {
    case 1000...1003, 1007...1014, 3000...4999: break
    default: return .violation(code: 1002, "the close code \(code)")
    }
    guard MessageAssembler.isUTF8(data) else { return .violation(code: 1007, "a reason that is not UTF-8") }
    return .close(code: code, text: data)
  }

  private static func isUTF8(_ buffer: ByteBuffer) -> Bool {
    buffer.withUnsafeReadableBytes { bytes in
      (try? UTF8Span(validating: bytes.bindMemory(to: UInt8.self).span)) != nil
    }
  }
}
