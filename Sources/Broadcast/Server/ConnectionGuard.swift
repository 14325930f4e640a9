internal import NIOCore
internal import NIOSSL

/// Stands before everything that decodes: counts the connection, holds it to its limits, and lets it end well.
///
/// After the last word to a peer its bytes are thrown away until it has read it: closed at once, the kernel would
/// throw away our word when more of the peer's comes.
final class ConnectionGuard: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private enum Phase {
    case watching
    /// No HTTP any more: what comes is passed.
    case upgraded
    /// A limit was passed, and there are answers under way that come first.
    case failed(LastWords)
    /// The last word is said.
    case lingering
  }

  private let limits: RequestLimits
  private let connections: ConnectionCounter<ClientAddress>
  private let refusals: ConnectionCounter<ClientAddress>
  /// What to give back, and where, when the connection is gone.
  private var counted: (address: ClientAddress, by: ConnectionCounter<ClientAddress>)?
  private var isActive = false
  private var clock: RequestClock
  private var phase = Phase.watching
  private var context: ChannelHandlerContext?
  private var timer: Scheduled<Void>?
  private var timerDue: Duration?
  /// Goes off when the peer has taken nothing for too long.
  private var stall: Scheduled<Void>?
  private var inputIsClosed = false
  private var answerBegan = false

  /// - Parameters:
  ///   - connections: Counts the connections that are served.
  ///   - refusals: Counts those that are told why they are not.
  init(
    _ limits: RequestLimits, connections: ConnectionCounter<ClientAddress>,
    refusals: ConnectionCounter<ClientAddress>
  ) {
    self.limits = limits
    self.connections = connections
    self.refusals = refusals
    clock = RequestClock(limits, now: .zero)
  }

  /// The requests that are not answered in full.
  var unanswered: Int { clock.unanswered }

  /// Whether a request has begun, and its body has not come to its end.
  var isInBody: Bool { clock.isInBody }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    if context.channel.isActive { activate(context) }
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    release()
    self.context = nil
  }

  func channelActive(context: ChannelHandlerContext) {
    activate(context)
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    release()
    context.fireChannelInactive()
  }

  private func activate(_ context: ChannelHandlerContext) {
    guard !isActive else { return }
    isActive = true
    clock = RequestClock(limits, now: context.now)
    let address = ClientAddress(context.channel.remoteAddress)
    do throws(ConnectionCounter<ClientAddress>.Refusal) {
      try connections.open(address)
      counted = (address, connections)
      arm(context)
    } catch {
      refuse(address, error == .full ? .full : .tooManyOfOne, context)
    }
  }

  /// A connection over the cap. Only a few of those are given the time to hear why.
  private func refuse(_ address: ClientAddress, _ words: LastWords, _ context: ChannelHandlerContext) {
    phase = .lingering
    // No handshake for them, which is the most expensive part.
    let isPlain = (try? context.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self)) == nil
    guard isPlain, (try? refusals.open(address)) != nil else {
      context.close(promise: nil)
      return
    }
    counted = (address, refusals)
    say(words)
  }

  private func release() {
    timer?.cancel()
    timer = nil
    stall?.cancel()
    stall = nil
    if let counted { counted.by.close(counted.address) }
    counted = nil
  }
}

// MARK: - Bytes

extension ConnectionGuard {
  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch phase {
    case .upgraded: context.fireChannelRead(data)
    case .failed, .lingering: break
    case .watching:
      clock.received(unwrapInboundIn(data).readableBytes, now: context.now)
      arm(context)
      context.fireChannelRead(data)
      if let excess = clock.excess { passed(excess) }
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    context.fireChannelReadComplete()
    // Whoever else reads may have stopped for ever.
    if case .lingering = phase { context.read() }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case ChannelEvent.inputClosed = event {
      inputIsClosed = true
      if case .lingering = phase {
        closeWhenWritten(context, nil)
        return
      }
    }
    context.fireUserInboundEventTriggered(event)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    if case .lingering = phase {
      promise?.fail(ChannelError.outputClosed)
    } else {
      context.write(data, promise: promise)
    }
  }

  func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    guard case .output = mode else {
      context.close(mode: mode, promise: promise)
      return
    }
    linger(context, limits.idleTime)
    if inputIsClosed {
      closeWhenWritten(context, promise)
      return
    }
    let closed = promise ?? context.eventLoop.makePromise()
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    closed.futureResult.whenComplete { _ in
      let (guardian, context) = bound.value
      guard context.channel.isActive else { return }
      guardian.linger(context, guardian.limits.lingerTime)
      context.read()
    }
    context.close(mode: .output, promise: closed)
  }

  /// Closes behind all that waits to be sent.
  private func closeWhenWritten(_ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?) {
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { _ in
      bound.value.close(promise: promise)
    }
  }
}

// MARK: - Requests

extension ConnectionGuard {
  /// The head of a request is decoded.
  func headEnded() {
    guard let context else { return }
    clock.headEnded(now: context.now)
    answerBegan = false
    arm(context)
  }

  /// A request is decoded, with its body.
  func requestEnded() {
    guard let context else { return }
    clock.requestEnded(now: context.now)
    arm(context)
  }

  /// The head of an answer is written.
  func answerStarted() { answerBegan = true }

  /// An answer is written.
  func answered() {
    guard let context else { return }
    clock.answered(now: context.now)
    if case .failed(let words) = phase, clock.unanswered == 0 { say(words) } else { arm(context) }
  }

  /// HTTP is over.
  func upgraded() {
    timer?.cancel()
    timer = nil
    stall?.cancel()
    stall = nil
    phase = .upgraded
  }

  /// Ends the connection with these words, after the answers that are under way.
  func fail(_ words: LastWords) {
    guard case .watching = phase else { return }
    if clock.unanswered == 0 || (clock.isInBody && clock.unanswered == 1 && !answerBegan) {
      say(words)
    } else if clock.isInBody {
      context?.close(promise: nil)
    } else {
      phase = .failed(words)
    }
  }

  /// Ends the connection with these words, whatever is under way.
  func say(_ words: LastWords) {
    guard let context else { return }
    linger(context, limits.idleTime)
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    context.writeAndFlush(wrapOutboundOut(words.bytes)).whenComplete { _ in
      let (guardian, context) = bound.value
      // From here on it is as if the owner had closed.
      guardian.close(context: context, mode: .output, promise: nil)
    }
  }

  private func passed(_ excess: RequestClock.Excess) {
    switch excess {
    case .slowHead, .slowBody: fail(.slow)
    case .largeHead: fail(.largeHead)
    case .idle: context?.close(promise: nil)
    }
  }
}

// MARK: - Time

extension ConnectionGuard {
  func channelWritabilityChanged(context: ChannelHandlerContext) {
    stall?.cancel()
    stall = nil
    switch phase {
    case .watching, .failed:
      if context.channel.isWritable { break }
      let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
      stall = context.eventLoop.scheduleTask(in: TimeAmount(limits.answerTime)) {
        bound.value.close(promise: nil)
      }
    // A WebSocket has limits of its own, and so has the end.
    case .upgraded, .lingering: break
    }
    context.fireChannelWritabilityChanged()
  }

  /// Has the timer go off at the next deadline. One that goes off too early does no harm.
  private func arm(_ context: ChannelHandlerContext) {
    guard case .watching = phase, let deadline = clock.deadline else { return }
    if timer != nil, let timerDue, timerDue <= deadline { return }
    timer?.cancel()
    timerDue = deadline
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    timer = context.eventLoop.scheduleTask(in: TimeAmount(deadline - context.now)) {
      let (guardian, context) = bound.value
      guardian.timer = nil
      guard case .watching = guardian.phase else { return }
      if let excess = guardian.clock.tick(now: context.now) {
        guardian.passed(excess)
      } else {
        guardian.arm(context)
      }
    }
  }

  /// Waits for the end, for at most this long.
  private func linger(_ context: ChannelHandlerContext, _ limit: Duration) {
    phase = .lingering
    timer?.cancel()
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    timer = context.eventLoop.scheduleTask(in: TimeAmount(limit)) { bound.value.close(promise: nil) }
  }
}
