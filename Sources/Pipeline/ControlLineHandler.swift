import NIOCore

/// Reads the one line of a connection to the control socket and lets go of everything behind it.
final class ControlLineHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let line: EventLoopPromise<String?>
  private let timeout: TimeAmount
  private var bytes: [UInt8] = []
  private var isDone = false
  private var deadline: Scheduled<Void>?

  /// `line` gets the line without its end; nil when it is too long, empty at the connection's end, or late.
  init(_ line: EventLoopPromise<String?>, timeout: TimeAmount) {
    self.line = line
    self.timeout = timeout
  }

  func handlerAdded(context: ChannelHandlerContext) {
    let channel = context.channel
    deadline = context.eventLoop.scheduleTask(in: timeout) { channel.close(promise: nil) }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if isDone { return }
    bytes.append(contentsOf: unwrapInboundIn(data).readableBytesView.prefix(ControlSocket.maximumLine))
    if let end = bytes.firstIndex(of: UInt8(ascii: "\n")), end < ControlSocket.maximumLine {
      finish(bytes[..<end])
    } else if bytes.count >= ControlSocket.maximumLine {
      finish(nil)
    }
  }

  /// A client may close its side and still wait for the answer.
  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .inputClosed? = event as? ChannelEvent { finish(bytes.isEmpty ? nil : bytes[...]) }
    context.fireUserInboundEventTriggered(event)
  }

  func channelInactive(context: ChannelHandlerContext) {
    finish(nil)
    context.fireChannelInactive()
  }

  func handlerRemoved(context: ChannelHandlerContext) { finish(nil) }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  private func finish(_ text: ArraySlice<UInt8>?) {
    if isDone { return }
    isDone = true
    deadline?.cancel()
    let end = text?.last == UInt8(ascii: "\r") ? text?.dropLast() : text
    line.succeed(end.map { String(decoding: $0, as: UTF8.self) })
    bytes = []
  }
}
