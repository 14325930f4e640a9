import NIOCore

/// Closes a connection whose other end has nothing more to say: one that only listens has gone then.
///
/// Else it would be noticed when the next heartbeat cannot be sent.
final class EndOfInput: ChannelInboundHandler {
  typealias InboundIn = NIOAny

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case ChannelEvent.inputClosed = event {
      context.close(promise: nil)
    } else {
      context.fireUserInboundEventTriggered(event)
    }
  }

  /// Watches a channel.
  static func watch(_ channel: any Channel) {
    channel.eventLoop.execute {
      try? channel.pipeline.syncOperations.addHandler(EndOfInput(), position: .first)
    }
  }
}
