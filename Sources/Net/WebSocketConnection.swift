public import NIOCore
internal import NIOWebSocket

/// An open WebSocket, within the scope of `WebSocketClient.connect`.
public struct WebSocketConnection: Sendable {
  let channel: any Channel
  let inbox: MessageInbox
  let causes: WebSocketCauses

  /// Where a task that takes messages waits for nothing but the messages; it must not block.
  public var executor: any TaskExecutor { LoopExecutor(channel.eventLoop) }

  /// The next whole message, text (valid UTF-8) or binary; nil after the peer closed with a close frame.
  ///
  /// For one task at a time. Messages that came before an error are given first. When they are not taken, the
  /// sender is made to wait.
  public func next() async throws(WebSocketError) -> ByteBuffer? {
    try await inbox.next()
  }

  /// Sends a text message; returns when the system has taken it, which makes the caller wait for a slow peer.
  ///
  /// A message that is cancelled while it waits may still be sent.
  public func send(_ text: String) async throws(WebSocketError) {
    if Task.isCancelled { throw .cancelled }
    let frame = WebSocketFrame(
      fin: true, opcode: .text, maskKey: .random(), data: ByteBuffer(string: text))
    let sent = channel.eventLoop.makePromise(of: Void.self)
    do {
      try await withTaskCancellationHandler {
        channel.writeAndFlush(frame, promise: sent)
        try await sent.futureResult.get()
      } onCancel: {
        sent.fail(WebSocketError.cancelled)
      }
    } catch let error as ChannelError where error == .ioOnClosedChannel || error == .alreadyClosed {
      throw inbox.failure ?? causes.alreadyClosed
    } catch {
      throw causes.broken(error)
    }
  }

  /// Closes with this code (1000: done) and text; waits for the peer's answer, but no more than 2 s.
  ///
  /// Messages that were not taken yet are dropped, and `next` gives nil.
  public func close(code: UInt16 = 1000, reason: String = "") async {
    channel.triggerUserOutboundEvent(
      WebSocketHandler.Close(code: code, reason: reason), promise: nil)
    try? await channel.closeFuture.get()
  }

  /// What the peer said in closing; nil as long as it did not.
  public var closeReason: WebSocketCloseReason? { inbox.closeReason }
}
