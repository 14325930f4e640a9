internal import NIOCore

/// Sits next to the socket: notices when nothing is heard, and can close without the goodbye of TLS, which waits.
///
/// Time during which nobody wants to read does not count as silence.
final class SocketWatch: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// Outbound events that it obeys.
  enum Command: Sendable {
    /// Report silence of this length from now on.
    case watch(TimeAmount)
    /// Close now.
    case abort
  }

  /// The inbound event when nothing was heard for the time to watch.
  struct Silence: Sendable {}

  private var isReading = false
  private var since = NIODeadline.now()
  private var timer: Scheduled<Void>?

  func read(context: ChannelHandlerContext) {
    if !isReading {
      isReading = true
      since = .now()
    }
    context.read()
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    isReading = false
    context.fireChannelReadComplete()
  }

  func triggerUserOutboundEvent(
    context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?
  ) {
    switch event as? Command {
    case .watch(let limit):
      since = .now()
      schedule(context, limit, at: since + limit)
      promise?.succeed()
    case .abort:
      context.close(promise: promise)
    case nil:
      context.triggerUserOutboundEvent(event, promise: promise)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    timer?.cancel()
    context.fireChannelInactive()
  }

  private func schedule(_ context: ChannelHandlerContext, _ limit: TimeAmount, at deadline: NIODeadline) {
    timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [self] in
      let now = NIODeadline.now()
      let end = (isReading ? since : now) + limit
      if end <= now {
        context.fireUserInboundEventTriggered(Silence())
      } else {
        schedule(context, limit, at: end)
      }
    }
  }
}
