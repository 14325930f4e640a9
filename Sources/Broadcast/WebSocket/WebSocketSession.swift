/// One WebSocket from its opening to its end, apart from the socket: what came goes in, what is to do comes out.
///
/// Times are durations since any fixed moment.
struct WebSocketSession {
  /// What its owner has to do.
  enum Action: Equatable {
    case text([UInt8])
    case binary([UInt8])
    case pong([UInt8])
    case ping
    /// Send a close frame and wait for the peer's.
    case startClose(CloseCode, reason: String)
    /// Send a close frame, then end the connection.
    case finish(CloseCode?, reason: String, WebSocketEnd)
    /// End the connection; nothing is to be sent.
    case end(WebSocketEnd)
  }

  private enum State {
    case open
    /// A close frame was sent; only the peer's is waited for.
    case closing(since: Duration, CloseCode, reason: String)
    case closed
  }

  private let settings: WebSocketSettings
  private var reader: FrameReader
  private var state = State.open
  /// When the last byte came.
  private var heard: Duration
  private var pinged: Duration
  /// The answer to the last ping, while nothing can be written. Only the last one needs an answer (5.5.3).
  private var owed: [UInt8]?

  init(_ settings: WebSocketSettings, now: Duration) {
    self.settings = settings
    reader = FrameReader(maximumMessageBytes: settings.maximumMessageBytes)
    heard = now
    pinged = now
  }

  /// Whether messages may be sent.
  var isOpen: Bool {
    if case .open = state { true } else { false }
  }

  /// When ``tick(now:)`` wants to be called next; nil after the end.
  var deadline: Duration? {
    switch state {
    case .open: min(max(heard, pinged) + settings.pingInterval, heard + settings.pingInterval * 2)
    case .closing(let since, _, _): since + settings.closeLimit
    case .closed: nil
    }
  }

  /// Takes bytes from `offset` on up to the next thing to do; nil when all of them are used up.
  mutating func receive(
    _ bytes: UnsafeRawBufferPointer, from offset: inout Int, now: Duration, isWritable: Bool
  ) -> Action? {
    heard = now
    while let event = reader.next(bytes, from: &offset) {
      if let action = react(to: event, isWritable: isWritable) { return action }
    }
    return nil
  }

  private mutating func react(to event: FrameReader.Event, isWritable: Bool) -> Action? {
    switch (state, event) {
    case (.closed, _): return nil
    case (.closing(_, let code, let reason), .close), (.closing(_, let code, let reason), .violation):
      state = .closed
      return .end(.closed(code, reason: reason))
    case (.closing, _): return nil
    case (.open, .text(let text)): return .text(text)
    case (.open, .binary(let bytes)): return .binary(bytes)
    case (.open, .pong): return nil
    case (.open, .ping(let payload)):
      if isWritable { return .pong(payload) }
      owed = payload
      return nil
    case (.open, .close(let code, let reason)):
      state = .closed
      return .finish(code, reason: "", .closedByPeer(code, reason: reason))
    case (.open, .violation(let code, let reason)):
      state = .closed
      return .finish(code, reason: reason, .closed(code, reason: reason))
    }
  }

  /// Starts to close. Nothing to do when that was done before.
  mutating func close(_ code: CloseCode, reason: String, now: Duration) -> Action? {
    guard case .open = state else { return nil }
    state = .closing(since: now, code, reason: reason)
    owed = nil
    return .startClose(code, reason: reason)
  }

  /// The answer that was held back, once something can be written again.
  mutating func becameWritable() -> Action? {
    defer { owed = nil }
    return owed.map { .pong($0) }
  }

  /// The time goes on.
  mutating func tick(now: Duration) -> Action? {
    switch state {
    case .open:
      if now >= heard + settings.pingInterval * 2 {
        state = .closed
        return .end(.silent)
      }
      guard now >= max(heard, pinged) + settings.pingInterval else { return nil }
      pinged = now
      return .ping
    case .closing(let since, let code, let reason):
      guard now >= since + settings.closeLimit else { return nil }
      state = .closed
      return .end(.closed(code, reason: reason))
    case .closed: return nil
    }
  }

  /// The connection is gone, or the peer sends no more.
  mutating func disconnected() -> Action? {
    defer { state = .closed }
    switch state {
    case .open: return .end(.lost)
    case .closing(_, let code, let reason): return .end(.closed(code, reason: reason))
    case .closed: return nil
    }
  }
}
