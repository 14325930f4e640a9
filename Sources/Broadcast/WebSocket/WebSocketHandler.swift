internal import NIOCore

/// Carries a ``WebSocketSession`` over a channel: bytes in, frames out.
///
/// While the peer does not read what it is sent, nothing is read from it either: answers cannot pile up.
final class WebSocketHandler: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let settings: WebSocketSettings
  private let onOpen: (WebSocketPeer) -> WebSocketEvents
  private var session: WebSocketSession
  private var events = WebSocketEvents()
  private var timer: Scheduled<Void>?
  private var isOver = false
  /// Whether a read waits for the channel to be writable.
  private var holdsRead = false
  private var owesFlush = false

  init(_ settings: WebSocketSettings, onOpen: @escaping (WebSocketPeer) -> WebSocketEvents) {
    self.settings = settings
    self.onOpen = onOpen
    session = WebSocketSession(settings, now: .zero)
  }

  func handlerAdded(context: ChannelHandlerContext) {
    session = WebSocketSession(settings, now: context.now)
    let mark = ChannelOptions.Types.WriteBufferWaterMark(
      low: max(1, settings.unsentBytes / 2), high: max(1, settings.unsentBytes))
    // A channel without a socket has no such option, as in a test.
    try? context.channel.syncOptions?.setOption(.writeBufferWaterMark, value: mark)
    events = onOpen(WebSocketPeer(channel: context.channel))
    if isOver {
      // It broke while its first bytes were written.
      let onEnd = events.onEnd
      events = WebSocketEvents()
      onEnd(.lost)
      return
    }
    arm(context)
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    disconnected(context)
    timer?.cancel()
  }

  // MARK: - In

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    unwrapInboundIn(data).withUnsafeReadableBytes { bytes in
      var offset = 0
      while let action = session.receive(
        bytes, from: &offset, now: context.now, isWritable: context.channel.isWritable)
      {
        perform(action, context)
      }
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    if owesFlush {
      owesFlush = false
      context.flush()
    }
    context.fireChannelReadComplete()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    let isWritable = context.channel.isWritable
    if isWritable {
      if let action = session.becameWritable() {
        perform(action, context)
        context.flush()
      }
      if holdsRead {
        holdsRead = false
        context.read()
      }
    }
    if !isOver { events.onWritabilityChanged(isWritable) }
    context.fireChannelWritabilityChanged()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case is ChannelShouldQuiesceEvent:
      if let action = session.close(.goingAway, reason: "the server stops", now: context.now) {
        perform(action, context)
      }
    case ChannelEvent.inputClosed: disconnected(context)
    default: context.fireUserInboundEventTriggered(event)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    disconnected(context)
  }

  func channelInactive(context: ChannelHandlerContext) {
    disconnected(context)
    context.fireChannelInactive()
  }

  // MARK: - Out

  func read(context: ChannelHandlerContext) {
    if context.channel.isWritable { context.read() } else { holdsRead = true }
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    guard session.isOpen else {
      promise?.fail(ChannelError.outputClosed)
      return
    }
    context.write(data, promise: promise)
  }

  func triggerUserOutboundEvent(
    context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?
  ) {
    guard let request = event as? WebSocketCloseRequest else {
      context.triggerUserOutboundEvent(event, promise: promise)
      return
    }
    if let action = session.close(request.code, reason: request.reason, now: context.now) {
      perform(action, context)
    }
    promise?.succeed()
  }

  // MARK: - Doing

  private func perform(_ action: WebSocketSession.Action, _ context: ChannelHandlerContext) {
    switch action {
    case .text(let bytes): events.onMessage(.text(bytes))
    case .binary(let bytes): events.onMessage(.binary(bytes))
    case .pong(let payload):
      context.write(wrapOutboundOut(Frame.pong(payload, allocator: context.channel.allocator)), promise: nil)
      owesFlush = true
    case .ping:
      // What waits in the channel already tells the peer that we are here.
      guard context.channel.isWritable else { break }
      context.writeAndFlush(wrapOutboundOut(Frame.ping(context.channel.allocator)), promise: nil)
    case .startClose(let code, let reason):
      context.writeAndFlush(wrapOutboundOut(Frame.close(code, reason: reason)), promise: nil)
      arm(context)
    case .finish(let code, let reason, let end):
      owesFlush = false
      let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
      context.writeAndFlush(wrapOutboundOut(Frame.close(code, reason: reason))).whenComplete { _ in
        // The guard of the connection waits for the peer's end, then closes.
        bound.value.close(mode: .output, promise: nil)
      }
      finish(end)
      // Unless what was sent before is never read.
      timer = context.eventLoop.scheduleTask(in: TimeAmount(settings.closeLimit)) {
        bound.value.close(promise: nil)
      }
    case .end(let end):
      context.close(promise: nil)
      finish(end)
    }
  }

  private func disconnected(_ context: ChannelHandlerContext) {
    if let action = session.disconnected() { perform(action, context) }
  }

  private func finish(_ end: WebSocketEnd) {
    guard !isOver else { return }
    isOver = true
    timer?.cancel()
    timer = nil
    let onEnd = events.onEnd
    // They may hold the peer, which holds the channel.
    events = WebSocketEvents()
    onEnd(end)
  }

  private func arm(_ context: ChannelHandlerContext) {
    timer?.cancel()
    guard !isOver, let deadline = session.deadline else { return }
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    timer = context.eventLoop.scheduleTask(in: TimeAmount(deadline - context.now)) {
      let (handler, context) = bound.value
      if let action = handler.session.tick(now: context.now) { handler.perform(action, context) }
      handler.arm(context)
    }
  }
}

extension ChannelHandlerContext {
  /// The time of the event loop, since a fixed moment.
  var now: Duration { .nanoseconds(Int64(clamping: NIODeadline.now().uptimeNanoseconds)) }
}
