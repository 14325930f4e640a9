internal import NIOCore

/// Takes ready-made frames past the encoder: they are bytes already, and many go in one write.
final class Outlet: ChannelOutboundHandler {
  typealias OutboundIn = ByteBuffer

  private var context: ChannelHandlerContext?

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }
  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  /// Writes bytes and calls `done` on the loop once the system has them, or the connection is gone.
  func write(_ bytes: [UInt8], done: @escaping @Sendable () -> Void) {
    guard let context else { return done() }
    let written = context.eventLoop.makePromise(of: Void.self)
    written.futureResult.whenComplete { _ in done() }
    context.writeAndFlush(NIOAny(context.channel.allocator.buffer(bytes: bytes)), promise: written)
  }

  /// Ends the connection after what was written.
  func close() { context?.close(mode: .all, promise: nil) }
}
