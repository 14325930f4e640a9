internal import NIOCore
internal import Synchronization

/// Joins the venue, which knows no sockets, with its connections. All of them run on one event loop.
final class Hub: Sendable {
  /// What belongs to the loop.
  private struct OnLoop {
    var sockets: [Int: SocketHandler] = [:]
    var wake: Scheduled<Void>?
    var isPumping = false
    var isStopped = false
    var isOver = false
  }

  /// Time a client has to answer a close.
  private static let closePatience = TimeAmount.seconds(2)

  private let venue: Mutex<Venue>
  private let loop: any EventLoop
  private let onLoop: NIOLoopBoundBox<OnLoop>
  private let start = NIODeadline.now()
  /// Called on the loop, once, when the flow is over.
  private let whenOver: @Sendable () -> Void

  init(_ venue: Venue, loop: any EventLoop, whenOver: @escaping @Sendable () -> Void) {
    self.venue = Mutex(venue)
    self.loop = loop
    self.whenOver = whenOver
    onLoop = NIOLoopBoundBox.makeBoxSendingValue(OnLoop(), eventLoop: loop)
  }

  private var now: Moment {
    Moment(elapsed: (NIODeadline.now() - start).nanoseconds, wall: WallClock.milliseconds)
  }

  var status: SimulatorStatus { venue.withLock { $0.status } }

  /// The orders that happened, for writing them out; a copy of the state, which shares its memory.
  var source: OrderSource { venue.withLock { $0.source } }

  /// Why what was sent is not on the disk.
  var sentFailure: SimulatorError? { venue.withLock { $0.sentFailure } }

  /// Says that what was sent is on the disk, or why not.
  func markWritten(_ failure: SimulatorError?) {
    venue.withLock { venue in
      venue.isWritten = true
      venue.sentFailure = failure
    }
  }

  /// Lets a fault happen now.
  func inject(_ fault: Fault) {
    venue.withLock { $0.inject(fault, now) }
    loop.execute { self.pump() }
  }

  // MARK: On the loop

  func connected(_ socket: SocketHandler) -> Int {
    let number = venue.withLock { $0.connect() }
    onLoop.value.sockets[number] = socket
    return number
  }

  func disconnected(_ number: Int) {
    onLoop.value.sockets[number] = nil
    venue.withLock { $0.disconnect(number) }
    pump()
  }

  func received(_ number: Int, _ message: ByteBuffer) {
    venue.withLock { $0.receive(number, message.readableBytesView) }
    pump()
  }

  func answer(_ request: RESTRequest) -> RESTResponse {
    let response = venue.withLock { $0.answer(request, now) }
    pump()
    return response
  }

  /// Why a handshake at this path is refused, if it is.
  func refusal(of target: String) -> RESTResponse? {
    venue.withLock { venue in
      let path = target.split(separator: "?", omittingEmptySubsequences: false).first ?? ""
      if let key = venue.options.key, path != "/\(key)" { return .unauthorized }
      if onLoop.value.isStopped || venue.refusesHandshake(now) {
        return RESTResponse(status: 503, code: "unavailable", message: "try again later", retryAfter: 1)
      }
      return nil
    }
  }

  /// Lets happen what is due, writes what is to be written, and comes back in time.
  func pump() {
    if onLoop.value.isPumping { return }
    onLoop.value.isPumping = true
    onLoop.value.wake?.cancel()
    let now = now
    let isStopped = onLoop.value.isStopped
    let (outputs, wait, isOver) = venue.withLock { venue in
      let wait = isStopped ? nil : venue.advance(now)
      return (venue.takeOutput(now), wait, venue.isOver)
    }
    for output in outputs { write(output) }
    onLoop.value.isPumping = false
    if isOver, !onLoop.value.isOver {
      onLoop.value.isOver = true
      whenOver()
    }
    guard let wait else { return }
    onLoop.value.wake = loop.scheduleTask(in: .nanoseconds(wait)) { self.pump() }
  }

  private func write(_ output: Subscriber.Output) {
    guard let socket = onLoop.value.sockets[output.number] else { return }
    socket.write(output) { self.venue.withLock { $0.wrote(output.number, output.bytes.count) } }
    if output.ending != .handshake { return }
    loop.scheduleTask(in: Hub.closePatience) { self.onLoop.value.sockets[output.number]?.reset() }
  }

  /// Takes leave of every connection; those that do not answer are closed.
  func stop() {
    onLoop.value.isStopped = true
    venue.withLock { venue in
      for place in venue.subscribers.indices { venue.subscribers[place].close(1001, "the simulator stops") }
    }
    pump()
    if onLoop.value.isOver { return }
    onLoop.value.isOver = true
    whenOver()
  }
}
