internal import NIOCore
internal import Synchronization

/// The messages that came and were not taken yet: bounded, for one consumer.
///
/// Once it is full, the channel stops reading, so that TCP makes the sender wait. `resumeReading` is called,
/// outside of the lock, when half of it has been taken again.
final class MessageInbox: Sendable {
  /// More than this is full; the rest of one read from the socket still fits.
  static let maximumBytes = 1 << 20
  static let maximumCount = 1024

  private enum End {
    case open, orderly
    case failed(WebSocketError)
  }

  private typealias Taken = Result<ByteBuffer?, WebSocketError>

  private struct State {
    var messages = CircularBuffer<ByteBuffer>()
    var bytes = 0
    var isFull = false
    var end = End.open
    var waiter: CheckedContinuation<Taken, Never>?
    var closeReason: WebSocketCloseReason?

    /// The next message or the end; nil: there is nothing yet.
    mutating func take() -> Taken? {
      if let message = messages.popFirst() {
        bytes -= message.readableBytes
        return .success(message)
      }
      switch end {
      case .open: return nil
      case .orderly: return .success(nil)
      case .failed(let error): return .failure(error)
      }
    }

    /// True once after enough was taken from a full inbox.
    mutating func drained() -> Bool {
      guard isFull, bytes <= MessageInbox.maximumBytes / 2, messages.count <= MessageInbox.maximumCount / 2
      else { return false }
      isFull = false
      return true
    }
  }

  private let state = Mutex(State())
  private let resumeReading: @Sendable () -> Void

  init(resumeReading: @escaping @Sendable () -> Void) {
    self.resumeReading = resumeReading
  }

  /// Whether reading should stop for now.
  var isFull: Bool { state.withLock { $0.isFull } }

  /// What the peer said in closing.
  var closeReason: WebSocketCloseReason? {
    get { state.withLock { $0.closeReason } }
    set { state.withLock { $0.closeReason = newValue } }
  }

  /// Adds a message; after the end it is dropped.
  func add(_ message: ByteBuffer) {
    let waiter = state.withLock { state -> CheckedContinuation<Taken, Never>? in
      guard case .open = state.end else { return nil }
      if let waiter = state.waiter.take() { return waiter }
      state.messages.append(message)
      state.bytes += message.readableBytes
      if state.bytes > MessageInbox.maximumBytes || state.messages.count > MessageInbox.maximumCount {
        state.isFull = true
      }
      return nil
    }
    waiter?.resume(returning: .success(message))
  }

  /// Says that no more come: nil for an orderly end. Only the first end counts.
  func finish(_ error: WebSocketError?) {
    let waiter = state.withLock { state -> CheckedContinuation<Taken, Never>? in
      guard case .open = state.end else { return nil }
      state.end = error.map { .failed($0) } ?? .orderly
      return state.waiter.take()
    }
    if let error {
      waiter?.resume(returning: .failure(error))
    } else {
      waiter?.resume(returning: .success(nil))
    }
  }

  /// Drops what is here and all that comes; the consumer gets the end.
  func discard() {
    finish(nil)
    let isDrained = state.withLock { state in
      state.messages.removeAll()
      state.bytes = 0
      return state.drained()
    }
    if isDrained { resumeReading() }
  }

  /// Why it ended, when that was an error.
  var failure: WebSocketError? {
    state.withLock { if case .failed(let error) = $0.end { error } else { nil } }
  }

  /// The next message, in order; nil after an orderly end. For one consumer at a time.
  func next() async throws(WebSocketError) -> ByteBuffer? {
    let (ready, isDrained) = state.withLock { ($0.take(), $0.drained()) }
    if isDrained { resumeReading() }
    if let ready { return try ready.get() }
    let taken = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        wait(continuation)
      }
    } onCancel: {
      state.withLock { $0.waiter.take() }?.resume(returning: .failure(.cancelled))
    }
    return try taken.get()
  }

  private func wait(_ continuation: CheckedContinuation<Taken, Never>) {
    let ready = state.withLock { state -> Taken? in
      if let ready = state.take() { return ready }
      // Cancellation sets the flag before it takes the lock: it is seen here, or it finds the waiter.
      if Task.isCancelled { return .failure(.cancelled) }
      precondition(state.waiter == nil, "two tasks wait for the messages of one connection")
      state.waiter = continuation
      return nil
    }
    if let ready { continuation.resume(returning: ready) }
  }
}
