import NIOCore
import Synchronization

/// Sends what is committed to the streams of one event loop.
///
/// A round goes over all of them. It is followed by a rest as long as it took, so that many subscribers cost half
/// a thread at most: what comes meanwhile goes out together.
final class FanOut: Sendable {
  let loop: any EventLoop
  private let stock: StreamStock
  private let isNoticed = Atomic(false)
  /// Set before a subscriber looks at the ring, so that whatever comes behind that look is noticed.
  private let hasSubscribers = Atomic(false)
  private let box: NIOLoopBoundBox<State>

  /// What only the event loop touches.
  private final class State {
    var subscribers: [UInt64: Subscriber] = [:]
    var nextNumber: UInt64 = 1
    var restUntil: UInt64 = 0
    var watch: RepeatedTask?
    var isOver = false
  }

  /// Entries that all subscribers of a round share.
  private static let windowSize = 256
  /// A round that is not longer than this needs no rest.
  private static let shortRound: UInt64 = 1_000_000
  /// Pieces that one subscriber gets in a round.
  private static let mostPieces = 8

  init(_ loop: any EventLoop, _ stock: StreamStock) {
    self.loop = loop
    self.stock = stock
    box = NIOLoopBoundBox.makeBoxSendingValue(State(), eventLoop: loop)
  }

  // MARK: From any thread

  /// There is something new.
  func notice() {
    if !hasSubscribers.load(ordering: .sequentiallyConsistent) { return }
    if isNoticed.exchange(true, ordering: .acquiringAndReleasing) { return }
    loop.execute { self.wake() }
  }

  /// Ends all streams, and lets no other begin.
  func shutdown() {
    loop.execute {
      let state = self.box.value
      state.isOver = true
      state.watch?.cancel()
      state.watch = nil
      for subscriber in state.subscribers.values { self.close(subscriber, .shutdown) }
    }
  }

  // MARK: Subscribers

  /// Begins a stream; on the event loop. Returns its number, by which it is told of the connection.
  func add(
    _ sink: any StreamSink, _ request: StreamRequest, _ kind: StreamKind,
    isAllowed: @escaping @Sendable () -> Bool
  ) -> UInt64 {
    hasSubscribers.store(true, ordering: .sequentiallyConsistent)
    let state = box.value
    let now = NIODeadline.now().uptimeNanoseconds
    let number = state.nextNumber
    state.nextNumber += 1
    let subscriber = Subscriber(
      number: number, sink: sink, isAllowed: isAllowed,
      state: SubscriberState(
        request, kind: kind, cursor: request.after ?? stock.ring.last, limits: stock.limits, now: now),
      noticed: stock.notices.last)
    state.subscribers[number] = subscriber
    stock.counters.noteOpen(kind, 1)
    if state.isOver {
      close(subscriber, .shutdown)
      return number
    }
    if state.watch == nil {
      state.watch = loop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
        self.watch()
      }
    }
    pump(number: number)
    return number
  }

  /// The connection takes bytes again.
  func pump(number: UInt64) {
    guard let subscriber = box.value.subscribers[number] else { return }
    var maker = BatchMaker(stock.ring.tail(most: FanOut.windowSize), mostBytes: stock.limits.batchBytes)
    pump(subscriber, &maker, NIODeadline.now().uptimeNanoseconds)
  }

  /// The connection is closed.
  func remove(number: UInt64) {
    let state = box.value
    guard let subscriber = state.subscribers.removeValue(forKey: number) else { return }
    subscriber.isClosed = true
    stock.counters.noteOpen(subscriber.state.kind, -1)
    if state.subscribers.isEmpty {
      hasSubscribers.store(false, ordering: .sequentiallyConsistent)
      state.watch?.cancel()
      state.watch = nil
    }
  }

  private func close(_ subscriber: Subscriber, _ end: StreamEnd) {
    if subscriber.isClosed { return }
    stock.counters.noteClosed(end)
    subscriber.sink.close(end)
    remove(number: subscriber.number)
  }

  // MARK: Rounds

  private func wake() {
    let state = box.value
    let now = NIODeadline.now().uptimeNanoseconds
    if now < state.restUntil {
      loop.scheduleTask(in: .nanoseconds(Int64(clamping: state.restUntil - now))) { self.turn() }
    } else {
      turn()
    }
  }

  private func turn() {
    isNoticed.store(false, ordering: .sequentiallyConsistent)
    let state = box.value
    if state.subscribers.isEmpty { return }
    let began = NIODeadline.now().uptimeNanoseconds
    var maker = BatchMaker(stock.ring.tail(most: FanOut.windowSize), mostBytes: stock.limits.batchBytes)
    for subscriber in Array(state.subscribers.values) { pump(subscriber, &maker, began) }
    let ended = NIODeadline.now().uptimeNanoseconds
    if ended - began > FanOut.shortRound { state.restUntil = ended + (ended - began) }
  }

  private func pump(_ subscriber: Subscriber, _ maker: inout BatchMaker, _ now: UInt64) {
    for _ in 0..<FanOut.mostPieces {
      if subscriber.isClosed || subscriber.state.isReading { return }
      let isWritable = subscriber.sink.isWritable
      subscriber.state.note(isWritable: isWritable, now)
      if !isWritable { return }
      if !subscriber.isGreeted {
        subscriber.isGreeted = true
        let cursor = subscriber.state.cursor
        subscriber.say(StreamEncoding.hello(after: cursor), type: "hello", number: cursor, now)
        continue
      }
      if subscriber.state.cursor < maker.window.floor,
        let older = stock.ring.window(after: subscriber.state.cursor, most: FanOut.windowSize)
      {
        var older = BatchMaker(older, mostBytes: stock.limits.batchBytes)
        guard step(subscriber, &older, now) else { return }
      } else {
        guard step(subscriber, &maker, now) else { return }
      }
    }
    // It takes all that it is given; the others come first.
    let number = subscriber.number
    loop.execute { self.pump(number: number) }
  }

  /// Does one thing for a subscriber; false when there is nothing more to do at the moment.
  private func step(_ subscriber: Subscriber, _ maker: inout BatchMaker, _ now: UInt64) -> Bool {
    switch subscriber.state.next(&maker, now) {
    case .send(let bytes, let signals):
      subscriber.sink.send(bytes)
      stock.counters.noteSent(signals)
      return true
    case .skip: return true
    case .readStore:
      readStore(subscriber)
      return false
    case .wait: return tellNotices(subscriber, now)
    }
  }

  /// False when there are none that it wants.
  private func tellNotices(_ subscriber: Subscriber, _ now: UInt64) -> Bool {
    let notices = stock.notices.read(after: subscriber.noticed)
    guard let last = notices.last else { return false }
    subscriber.noticed = last.number
    var bytes = ByteBuffer()
    for notice in notices where subscriber.state.request.topics.contains(notice.topic) {
      StreamEncoding.append(
        notice.payload, type: notice.topic.messageType, number: nil, as: subscriber.state.kind, to: &bytes)
    }
    if bytes.readableBytes == 0 { return false }
    subscriber.sink.send(bytes)
    subscriber.state.didSend(now)
    return true
  }

  private func readStore(_ subscriber: Subscriber) {
    stock.counters.noteStoreRead()
    let (request, kind, cursor) = (
      subscriber.state.request, subscriber.state.kind, subscriber.state.cursor
    )
    let (number, most, floor) = (subscriber.number, stock.limits.batchBytes, stock.ring.floor)
    let page = stock.readers.read(on: loop) { reader in
      try StorePage.read(reader, request, kind, after: cursor, floor: floor, mostBytes: most)
    }
    page.whenComplete { result in
      guard let subscriber = self.box.value.subscribers[number] else { return }
      switch result {
      case .failure: self.close(subscriber, .trouble)
      case .success(let page):
        let isWorthSending = page.bytes.readableBytes > 0
        if isWorthSending { subscriber.sink.send(page.bytes) }
        self.stock.counters.noteSent(page.count)
        subscriber.state.didRead(
          upTo: page.reached, hasSent: isWorthSending, NIODeadline.now().uptimeNanoseconds)
        self.pump(number: number)
      }
    }
  }

  // MARK: The clock

  private func watch() {
    lazy var window = stock.ring.tail(most: .max)
    let now = NIODeadline.now().uptimeNanoseconds
    for subscriber in Array(box.value.subscribers.values) {
      if !subscriber.isAllowed() {
        close(subscriber, .notAllowed)
        continue
      }
      let duty =
        subscriber.state.stalledSince == nil
        ? subscriber.state.check(now) : subscriber.state.check(missing: window, now)
      switch duty {
      case .nothing: break
      case .close(let end): close(subscriber, end)
      case .heartbeat:
        // What is being read comes first.
        guard subscriber.sink.isWritable, !subscriber.state.isReading else { break }
        let cursor = subscriber.state.cursor
        subscriber.say(StreamEncoding.heartbeat(after: cursor), type: "heartbeat", number: cursor, now)
      }
    }
  }
}
