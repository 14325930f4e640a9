internal import NIOCore

/// Sends one HTTP/1 request and reads the answer; the last handler of the channel.
///
/// When the answer is accepted, it leaves the channel to others that are added at the same moment, with the bytes
/// that came after the answer: the next thing to come may be the end.
final class HTTPExchangeHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// Looks at an accepted answer and adds the handlers that follow; on the event loop.
  typealias Accept = @Sendable (ResponseHead, ChannelPipeline.SynchronousOperations) throws -> Void

  /// How it went, if anything came.
  enum Outcome: Sendable {
    case accepted
    case refused(ResponseHead, body: [UInt8], isCut: Bool)
    case malformed
    /// The other side closed the connection.
    case ended
    /// The request could not even be sent in time, as TLS was not ready.
    case notSent
    /// There is no answer.
    case unanswered
  }

  private let request: String
  private let sendDeadline: NIODeadline
  private let answerLimit: TimeAmount
  private let outcome: EventLoopPromise<Outcome>
  private let accept: Accept
  private var exchange: HTTPExchange
  private var timer: Scheduled<Void>?
  private var isDone = false

  /// - Parameters:
  ///   - sendDeadline: When the request must be on its way.
  ///   - answerLimit: How long the answer may take after that.
  init(
    _ request: String, accepted: ClosedRange<Int>, sendDeadline: NIODeadline, answerLimit: TimeAmount,
    outcome: EventLoopPromise<Outcome>, accept: @escaping Accept
  ) {
    self.request = request
    self.sendDeadline = sendDeadline
    self.answerLimit = answerLimit
    self.outcome = outcome
    self.accept = accept
    exchange = HTTPExchange(accepted: accepted)
  }

  func handlerAdded(context: ChannelHandlerContext) {
    guard context.channel.isActive else { return finish(.ended) }
    let loop = context.eventLoop.assumeIsolated()
    timer = loop.scheduleTask(deadline: sendDeadline) { [self] in finish(.notSent) }
    let sent = context.eventLoop.makePromise(of: Void.self)
    // A request waits in the TLS handler until the handshake is done.
    sent.futureResult.assumeIsolated().whenSuccess { [self] in
      timer?.cancel()
      if isDone { return }
      timer = loop.scheduleTask(in: answerLimit) { [self] in
        handle(exchange.end(isWhole: false), context, isTimeout: true)
      }
    }
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: request)), promise: sent)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if isDone { return }
    handle(exchange.receive(unwrapInboundIn(data).readableBytesView), context)
  }

  func channelInactive(context: ChannelHandlerContext) {
    handle(exchange.end(isWhole: true), context)
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    fail(error)
  }

  private func handle(
    _ action: HTTPExchange.Action, _ context: ChannelHandlerContext, isTimeout: Bool = false
  ) {
    switch action {
    case .wait: break
    case .accepted(let head, let rest): turn(context, head, rest)
    case .refused(let head, let body, let isCut): finish(.refused(head, body: body, isCut: isCut))
    case .malformed: finish(.malformed)
    case .ended: finish(isTimeout ? .unanswered : .ended)
    }
  }

  private func turn(_ context: ChannelHandlerContext, _ head: ResponseHead, _ rest: [UInt8]) {
    let pipeline = context.pipeline.syncOperations
    do {
      try accept(head, pipeline)
    } catch {
      return fail(error)
    }
    if !rest.isEmpty { context.fireChannelRead(wrapInboundOut(ByteBuffer(bytes: rest))) }
    pipeline.removeHandler(self, promise: nil)
    finish(.accepted)
  }

  private func fail(_ error: any Error) {
    timer?.cancel()
    isDone = true
    outcome.fail(error)
  }

  private func finish(_ result: Outcome) {
    timer?.cancel()
    if isDone { return }
    isDone = true
    outcome.succeed(result)
  }
}
