/// Reads the frames of a client as RFC 6455 wants them, from bytes that come in pieces of any size.
///
/// What breaks a rule is found at the byte that breaks it: a text is checked while its frame is still coming, and a
/// message over the limit is refused by its header, before any of it is kept.
struct FrameReader {
  /// What was read.
  enum Event: Equatable {
    case text([UInt8])
    case binary([UInt8])
    case ping([UInt8])
    case pong([UInt8])
    /// The client closes; the code is nil when it gave none.
    case close(CloseCode?, reason: String)
    /// The connection must be closed with this code; the text is for the client.
    case violation(CloseCode, String)
  }

  /// What the next byte is.
  private enum State {
    case first
    case second
    case length(missing: UInt8, UInt64, least: UInt64)
    case mask(missing: UInt8)
    case payload
    /// After a close frame or a violation nothing is read any more.
    case done
  }

  private enum Opcode: UInt8 {
    case continuation = 0
    case text = 1
    case binary = 2
    case close = 8
    case ping = 9
    case pong = 10

    var isControl: Bool { rawValue >= 8 }
  }

  /// The limit for one message in bytes.
  let maximumMessageBytes: Int
  private var state = State.first
  private var opcode = Opcode.text
  private var isFinal = false
  /// The mask as its four bytes lie in memory.
  private var mask = FrameMask()
  /// The bytes of the frame that are still to come.
  private var missing = 0

  /// The kind of the message whose frames are being read; nil between messages.
  private var kind: Opcode?
  private var message: [UInt8] = []
  private var utf8 = UTF8Checker()
  /// Control frames may come between the frames of a message.
  private var control: [UInt8] = []

  init(maximumMessageBytes: Int) { self.maximumMessageBytes = maximumMessageBytes }

  /// Reads from `offset` on up to the next event, and moves `offset` behind what was read.
  /// - Returns: nil when all bytes are used up.
  mutating func next(_ bytes: UnsafeRawBufferPointer, from offset: inout Int) -> Event? {
    while offset < bytes.count {
      let event: Event?
      switch state {
      case .payload:
        let end = offset &+ min(missing, bytes.count &- offset)
        event = takePayload(UnsafeRawBufferPointer(rebasing: bytes[offset..<end]))
        offset = end
      case .done:
        offset = bytes.count
        return nil
      default:
        event = takeHeader(bytes[offset])
        offset &+= 1
      }
      if let event {
        if case .violation = event { stop() }
        return event
      }
    }
    return nil
  }

  /// Forgets what was kept: nothing after this is read.
  private mutating func stop() {
    state = .done
    message = []
    control = []
  }
}

// MARK: - The header

extension FrameReader {
  private mutating func takeHeader(_ byte: UInt8) -> Event? {
    switch state {
    case .first: return takeFirst(byte)
    case .second: return takeSecond(byte)
    case .length(let missing, let value, let least):
      let value = value << 8 | UInt64(byte)
      if missing > 1 {
        state = .length(missing: missing &- 1, value, least: least)
        return nil
      }
      return takeLength(value, least: least)
    case .mask(let missing):
      mask.append(byte)
      if missing > 1 {
        state = .mask(missing: missing &- 1)
        return nil
      }
      state = .payload
      return self.missing == 0 ? finishFrame() : nil
    case .payload, .done: return nil
    }
  }

  private mutating func takeFirst(_ byte: UInt8) -> Event? {
    guard byte & 0x70 == 0 else { return .violation(.protocolError, "reserved bits are set") }
    guard let opcode = Opcode(rawValue: byte & 0x0F) else {
      return .violation(.protocolError, "a frame of an unknown kind")
    }
    isFinal = byte & 0x80 != 0
    if opcode.isControl {
      guard isFinal else { return .violation(.protocolError, "a control frame in pieces") }
    } else if opcode == .continuation {
      guard kind != nil else {
        return .violation(.protocolError, "the rest of a message that did not begin")
      }
    } else {
      guard kind == nil else {
        return .violation(.protocolError, "a new message before the end of the last one")
      }
      kind = opcode
    }
    self.opcode = opcode
    state = .second
    return nil
  }

  private mutating func takeSecond(_ byte: UInt8) -> Event? {
    // 5.1: what a client sends is masked.
    guard byte & 0x80 != 0 else { return .violation(.protocolError, "a frame without a mask") }
    let length = byte & 0x7F
    guard !opcode.isControl || length <= 125 else {
      return .violation(.protocolError, "a control frame of more than 125 bytes")
    }
    switch length {
    case 126: state = .length(missing: 2, 0, least: 126)
    case 127: state = .length(missing: 8, 0, least: 0x1_0000)
    default: return expect(UInt64(length))
    }
    return nil
  }

  /// The end of a length of two or eight bytes.
  private mutating func takeLength(_ value: UInt64, least: UInt64) -> Event? {
    // 5.2: the top bit is zero, and the shortest form is used.
    guard value >> 63 == 0 else { return .violation(.protocolError, "a length of more than 63 bits") }
    guard value >= least else { return .violation(.protocolError, "a length in a longer form than needed") }
    return expect(value)
  }

  private mutating func expect(_ length: UInt64) -> Event? {
    if !opcode.isControl, length > UInt64(max(0, maximumMessageBytes &- message.count)) {
      return .violation(.tooBig, "a message of more than \(maximumMessageBytes) bytes")
    }
    missing = Int(length)
    mask = FrameMask()
    state = .mask(missing: 4)
    return nil
  }
}

// MARK: - The payload

extension FrameReader {
  private mutating func takePayload(_ bytes: UnsafeRawBufferPointer) -> Event? {
    missing &-= bytes.count
    if opcode.isControl {
      _ = FrameReader.append(bytes, to: &control, with: &mask)
    } else {
      let start = FrameReader.append(bytes, to: &message, with: &mask)
      if kind == .text {
        let isText = message.withUnsafeBytes { utf8.accept(UnsafeRawBufferPointer(rebasing: $0[start...])) }
        guard isText else { return .violation(.invalidText, "a text that is not UTF-8") }
      }
    }
    return missing == 0 ? finishFrame() : nil
  }

  /// Appends masked bytes unmasked; returns where they begin.
  private static func append(
    _ bytes: UnsafeRawBufferPointer, to array: inout [UInt8], with mask: inout FrameMask
  ) -> Int {
    let start = array.count
    array.append(contentsOf: bytes)
    array.withUnsafeMutableBytes { mask.apply(to: UnsafeMutableRawBufferPointer(rebasing: $0[start...])) }
    return start
  }

  private mutating func finishFrame() -> Event? {
    state = .first
    if opcode.isControl {
      let payload = control
      control = []
      switch opcode {
      case .ping: return .ping(payload)
      case .pong: return .pong(payload)
      default: return finishClose(payload)
      }
    }
    guard isFinal else { return nil }
    let isText = kind == .text
    guard !isText || utf8.isComplete else {
      return .violation(.invalidText, "a text that ends inside of a character")
    }
    let payload = message
    message = []
    kind = nil
    return isText ? .text(payload) : .binary(payload)
  }

  private mutating func finishClose(_ payload: [UInt8]) -> Event {
    stop()
    if payload.isEmpty { return .close(nil, reason: "") }
    guard payload.count >= 2 else { return .violation(.protocolError, "a close frame of one byte") }
    let code = CloseCode(rawValue: UInt16(payload[0]) << 8 | UInt16(payload[1]))
    guard code.mayBeSent else { return .violation(.protocolError, "the close code \(code)") }
    guard let reason = String(validating: payload[2...], as: UTF8.self) else {
      return .violation(.invalidText, "a reason that is not UTF-8")
    }
    return .close(code, reason: reason)
  }
}
