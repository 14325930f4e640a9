internal import Glibc
internal import NIOCore

/// Stands next to the socket, before TLS, so that a connection can end without any farewell.
final class AbortHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  static let name = "abort"

  private var context: ChannelHandlerContext?

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }
  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  /// Ends the connection at once, with a TCP reset.
  func reset() {
    guard let context else { return }
    if let options = context.channel as? any SocketOptionProvider {
      // A linger time of zero makes the system send a reset when the socket is closed.
      _ = options.setSoLinger(linger(l_onoff: 1, l_linger: 0))
    }
    context.close(mode: .all, promise: nil)
  }
}
