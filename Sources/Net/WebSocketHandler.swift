internal import NIOCore
internal import NIOWebSocket

/// The last handler of a WebSocket: fills the inbox, answers pings, masks, and closes by the rules.
final class WebSocketHandler: ChannelDuplexHandler {
  typealias InboundIn = WebSocketFrame
  typealias OutboundIn = WebSocketFrame
  typealias OutboundOut = WebSocketFrame

  /// The outbound event that begins the closing handshake.
  struct Close: Sendable {
    let code: UInt16
    let reason: String
  }

  /// How long the peer may take to answer a close frame.
  static let closeLimit = TimeAmount.seconds(2)
  /// How long a server may take to close TCP, as is its part, when both have sent a close frame.
  static let lingerLimit = TimeAmount.milliseconds(250)

  private let inbox: MessageInbox
  private let causes: WebSocketCauses
  private let readLimit: Duration?
  private var assembler: MessageAssembler
  /// True once a close frame was sent: nothing is sent after it, and what comes no longer counts.
  private var isClosing = false
  private var isReadHeld = false
  private var timer: Scheduled<Void>?

  init(inbox: MessageInbox, causes: WebSocketCauses, maximumBytes: Int, readLimit: Duration?) {
    self.inbox = inbox
    self.causes = causes
    self.readLimit = readLimit
    assembler = MessageAssembler(maximumBytes: maximumBytes)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let frame = unwrapInboundIn(data)
    if isClosing, frame.opcode != .connectionClose { return }
    switch assembler.accept(frame) {
    case .nothing: break
    case .message(let message): inbox.add(message)
    case .pong(let data): pong(context, data)
    case .close(let code, let text): peerCloses(context, code, text)
    case .violation(let code, let what): fail(context, causes.violation(what), closeCode: code)
    case .tooBig: fail(context, causes.tooBig(assembler.maximumBytes), closeCode: 1009)
    }
  }

  func read(context: ChannelHandlerContext) {
    if inbox.isFull { isReadHeld = true } else { context.read() }
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    if isClosing {
      promise?.fail(inbox.failure ?? causes.alreadyClosed)
    } else {
      context.write(data, promise: promise)
    }
  }

  func triggerUserOutboundEvent(
    context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?
  ) {
    guard let event = event as? Close else {
      return context.triggerUserOutboundEvent(event, promise: promise)
    }
    inbox.discard()
    sendClose(context, event.code, event.reason)
    promise?.succeed()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is SocketWatch.Silence, let readLimit {
      inbox.finish(causes.silent(readLimit))
      context.triggerUserOutboundEvent(SocketWatch.Command.abort, promise: nil)
    } else {
      context.fireUserInboundEventTriggered(event)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    timer?.cancel()
    inbox.finish(causes.vanished)
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    switch error {
    case NIOWebSocketError.invalidFrameLength:
      fail(context, causes.tooBig(assembler.maximumBytes), closeCode: 1009)
    case is NIOWebSocketError:
      fail(context, causes.violation("a control frame in pieces or of more than 125 bytes"), closeCode: 1002)
    default:
      // Bytes that still come after an error of the decoder end up here too.
      if isClosing { return }
      inbox.finish(causes.broken(error))
      context.triggerUserOutboundEvent(SocketWatch.Command.abort, promise: nil)
    }
  }

  private func pong(_ context: ChannelHandlerContext, _ data: ByteBuffer) {
    // 5.5.3: only the latest ping needs an answer; a peer that does not read gets none.
    guard context.channel.isWritable else { return }
    send(context, .pong, data)
  }

  private func peerCloses(_ context: ChannelHandlerContext, _ code: UInt16?, _ text: ByteBuffer) {
    inbox.closeReason = WebSocketCloseReason(code: code, text: causes.line(text.readableBytesView))
    inbox.finish(nil)
    sendClose(context, code ?? 1000, "")
    abort(context, in: WebSocketHandler.lingerLimit)
  }

  private func fail(_ context: ChannelHandlerContext, _ error: WebSocketError, closeCode: UInt16) {
    inbox.finish(error)
    sendClose(context, closeCode, "")
  }

  /// Sends the close frame, once; the peer then closes the connection, or a timer does.
  private func sendClose(_ context: ChannelHandlerContext, _ code: UInt16, _ reason: String) {
    if isClosing { return }
    isClosing = true
    var data = ByteBuffer(integer: code)
    data.writeString(WebSocketHandler.shortened(reason))
    send(context, .connectionClose, data)
    abort(context, in: WebSocketHandler.closeLimit)
    // The peer's close frame may be behind messages that nobody wants any more.
    if isReadHeld, !inbox.isFull { context.read() }
  }

  private func abort(_ context: ChannelHandlerContext, in limit: TimeAmount) {
    timer?.cancel()
    timer = context.eventLoop.assumeIsolated().scheduleTask(in: limit) {
      context.triggerUserOutboundEvent(SocketWatch.Command.abort, promise: nil)
    }
  }

  private func send(_ context: ChannelHandlerContext, _ opcode: WebSocketOpcode, _ data: ByteBuffer) {
    let frame = WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: data)
    context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
  }

  /// 5.5: a control frame has 125 bytes at most, two of which are the code.
  private static func shortened(_ reason: String) -> String {
    var reason = reason
    while reason.utf8.count > 123 { reason.removeLast() }
    return reason
  }
}
