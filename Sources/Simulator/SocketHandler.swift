internal import NIOCore
internal import NIOWebSocket

/// One WebSocket connection: hands messages to the hub, and writes what the hub gives it.
final class SocketHandler: ChannelInboundHandler {
  typealias InboundIn = WebSocketFrame
  typealias OutboundOut = WebSocketFrame

  private let hub: Hub
  private let outlet: Outlet
  private let abort: AbortHandler?
  private var number = 0
  private var isClosing = false

  init(hub: Hub, outlet: Outlet, abort: AbortHandler?) {
    self.hub = hub
    self.outlet = outlet
    self.abort = abort
  }

  func handlerAdded(context: ChannelHandlerContext) { number = hub.connected(self) }

  func channelInactive(context: ChannelHandlerContext) {
    hub.disconnected(number)
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let frame = unwrapInboundIn(data)
    switch frame.opcode {
    case .text: hub.received(number, frame.unmaskedData)
    case .ping: answer(.pong, Array(frame.unmaskedData.readableBytesView))
    case .connectionClose:
      if isClosing {
        outlet.close()
      } else {
        isClosing = true
        answer(.close, Array(frame.unmaskedData.readableBytesView.prefix(2)))
        outlet.close()
      }
    default: break
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  /// Writes bytes and ends the connection if that is wanted; `done` hears when they are written.
  func write(_ output: Subscriber.Output, done: @escaping @Sendable () -> Void) {
    if output.ending == .reset {
      done()
      abort?.reset()
      return
    }
    outlet.write(output.bytes, done: done)
    switch output.ending {
    case .end: outlet.close()
    case .handshake: isClosing = true
    case .reset, nil: break
    }
  }

  /// Ends the connection at once; for clients that do not answer a close.
  func reset() { abort?.reset() }

  private func answer(_ kind: [UInt8].FrameKind, _ payload: [UInt8]) {
    var bytes: [UInt8] = []
    bytes.append(frame: kind, payload)
    outlet.write(bytes) {}
  }
}
