internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPTypesHTTP1

/// Stands behind the decoder: tells the guard how far requests and answers are, answers what cannot be decoded, ends
/// connections that are to end, and makes WebSockets of requests that ask for it.
///
/// NIO's own upgrade handler looks only at the first request of a connection, and loses one that it refuses.
final class HTTPConnectionHandler: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  /// What stands in the pipeline only as long as it speaks HTTP.
  struct Codec {
    let encoder: HTTPResponseEncoder
    let decoder: ByteToMessageHandler<HTTPRequestDecoder>
    let types: HTTP1ToHTTPServerCodec
  }

  private enum Phase {
    case http
    /// A request for a WebSocket, whose parts wait for the answers before it and for the decision.
    case holding(Held)
    /// The last request was refused before anybody heard of it.
    case refused
    case upgraded
  }

  private struct Held {
    let head: HTTPRequestHead
    let accept: String
    var parts: [HTTPServerRequestPart]
    var isWhole = false
    var isDecided = false
  }

  private let guardian: ConnectionGuard
  private let codec: Codec
  private let decisionTime: Duration
  private let mostPipelined: Int
  private let decide: UpgradeDecider
  private var phase = Phase.http
  private var holdsRead = false
  /// Whether the connection ends with the answer to the last request that came.
  private var isLast = false
  /// Whether the server stops: there are no new WebSockets.
  private var isStopping = false

  init(
    _ guardian: ConnectionGuard, codec: Codec, limits: RequestLimits, decide: @escaping UpgradeDecider
  ) {
    self.guardian = guardian
    self.codec = codec
    decisionTime = limits.decisionTime
    mostPipelined = limits.pipelined
    self.decide = decide
  }

  // MARK: - In

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch phase {
    case .upgraded:
      context.fireChannelRead(data)
      return
    case .refused: return
    case .http, .holding: break
    }
    var part = unwrapInboundIn(data)
    switch part {
    case .head(var head):
      // Before the head counts: the answers to the requests before it come first.
      guard head.settleHost() else { return refuse(.severalHosts) }
      if guardian.unanswered >= mostPipelined { return refuse(.tooManyAtOnce) }
      part = .head(head)
      guardian.headEnded()
      if !head.isKeepAlive || UpgradeRequest.endsHTTP(head) { isLast = true }
      if hold(head, part, context) { return }
    case .body: break
    case .end: guardian.requestEnded()
    }
    guard case .holding(var held) = phase else {
      context.fireChannelRead(wrapInboundOut(part))
      return
    }
    held.parts.append(part)
    if case .end = part { held.isWhole = true }
    phase = .holding(held)
    decideIfReady(context)
  }

  /// Whether the request of this head was taken out of the ordinary way.
  private func hold(
    _ head: HTTPRequestHead, _ part: HTTPServerRequestPart, _ context: ChannelHandlerContext
  ) -> Bool {
    guard case .http = phase else { return false }
    switch UpgradeRequest(head) {
    case .none: return false
    case .webSocket(let accept): phase = .holding(Held(head: head, accept: accept, parts: [part]))
    case .wrongVersion: refuse(.wrongVersion)
    case .wrongKey: refuse(.wrongKey)
    }
    return true
  }

  private func refuse(_ words: LastWords) {
    phase = .refused
    guardian.fail(words)
  }

  func channelInactive(context: ChannelHandlerContext) {
    breakOff(context)
    context.fireChannelInactive()
  }

  /// Whoever reads a body takes the end of the connection for its end, unless there is an error before.
  private func breakOff(_ context: ChannelHandlerContext) {
    if guardian.isInBody { context.fireErrorCaught(ChannelError.inputClosed) }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch (event, phase) {
    case (is ChannelShouldQuiesceEvent, .http), (is ChannelShouldQuiesceEvent, .holding):
      isLast = true
      isStopping = true
      if guardian.unanswered == 0 { context.close(promise: nil) }
    case (ChannelEvent.inputClosed, .holding): context.close(promise: nil)
    case (ChannelEvent.inputClosed, _):
      breakOff(context)
      context.fireUserInboundEventTriggered(event)
    default: context.fireUserInboundEventTriggered(event)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let error = error as? HTTPParserError else {
      context.fireErrorCaught(error)
      return
    }
    // What comes behind the last request does not count.
    if isLast, guardian.unanswered > 0 { return }
    switch error {
    case .headerOverflow: guardian.fail(.largeHead)
    case .invalidVersion: guardian.fail(.version)
    default: guardian.fail(.badRequest)
    }
  }

  // MARK: - Out

  func read(context: ChannelHandlerContext) {
    if case .holding = phase { holdsRead = true } else { context.read() }
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    if case .upgraded = phase {
      context.write(data, promise: promise)
      return
    }
    switch unwrapOutboundIn(data) {
    case .head(var head):
      guardian.answerStarted()
      if isLast, guardian.unanswered == 1 { head.headers.replaceOrAdd(name: "connection", value: "close") }
      context.write(wrapOutboundOut(.head(head)), promise: promise)
    case .body: context.write(data, promise: promise)
    case .end:
      context.write(data, promise: promise)
      guardian.answered()
      if isLast, guardian.unanswered == 0 {
        context.flush()
        context.close(mode: .output, promise: nil)
      } else {
        decideIfReady(context)
      }
    }
  }
}

// MARK: - Upgrading

extension HTTPConnectionHandler {
  private func decideIfReady(_ context: ChannelHandlerContext) {
    guard case .holding(var held) = phase, held.isWhole, !held.isDecided, guardian.unanswered == 1 else {
      return
    }
    held.isDecided = true
    phase = .holding(held)
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    let limit = context.eventLoop.scheduleTask(in: TimeAmount(decisionTime)) {
      let handler = bound.value.0
      handler.phase = .refused
      handler.guardian.say(.undecided)
    }
    decide(held.head, context.channel).hop(to: context.eventLoop).whenComplete { result in
      limit.cancel()
      let (handler, context) = bound.value
      guard case .holding(let held) = handler.phase, context.channel.isActive else { return }
      guard case .success(.accept(let headers, let settings, let onOpen)) = result, !handler.isStopping else {
        handler.passOn(held, context)
        return
      }
      handler.upgrade(held, headers, WebSocketHandler(settings, onOpen: onOpen), context)
    }
  }

  private func passOn(_ held: Held, _ context: ChannelHandlerContext) {
    phase = .http
    for part in held.parts { context.fireChannelRead(wrapInboundOut(part)) }
    context.fireChannelReadComplete()
    resumeReading(context)
  }

  private func resumeReading(_ context: ChannelHandlerContext) {
    guard holdsRead else { return }
    holdsRead = false
    context.read()
  }

  private func upgrade(
    _ held: Held, _ fields: HTTPHeaders, _ handler: WebSocketHandler, _ context: ChannelHandlerContext
  ) {
    var headers = fields
    headers.replaceOrAdd(name: "upgrade", value: "websocket")
    headers.replaceOrAdd(name: "connection", value: "Upgrade")
    headers.replaceOrAdd(name: "sec-websocket-accept", value: held.accept)
    let head = HTTPResponseHead(version: .http1_1, status: .switchingProtocols, headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    phase = .upgraded
    guardian.upgraded()

    let pipeline = context.pipeline.syncOperations
    pipeline.removeHandler(codec.encoder, promise: nil)
    pipeline.removeHandler(codec.types, promise: nil)
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    do {
      try pipeline.addHandler(handler, position: .after(self))
    } catch {
      context.close(promise: nil)
      return
    }
    // The decoder leaves a moment later, and hands over what came behind the request.
    let left = context.eventLoop.makePromise(of: Void.self)
    pipeline.removeHandler(codec.decoder, promise: left)
    left.futureResult.whenComplete { _ in
      let (handler, context) = bound.value
      context.fireChannelReadComplete()
      handler.resumeReading(context)
      context.pipeline.syncOperations.removeHandler(handler, promise: nil)
    }
  }
}
