/// The venue: its flow, its subscribers and what goes wrong. No socket and no clock inside.
struct Venue: Sendable {
  /// The most orders that one step brings.
  private static let stepLimit = 1000
  /// Unsent bytes at which a flow without a speed of its own waits.
  private static let pauseBytes = 1 << 20
  /// Nanoseconds for which such a flow waits for a reader that takes nothing.
  private static let readerPatience: Int64 = 10_000_000_000

  let options: SimulatorOptions
  var source: OrderSource
  var faults: FaultQueue
  var subscribers: [Subscriber] = []
  /// The handshakes that are refused: from the next one on, or until a time.
  var refusal = Refusal.none
  var random: SeededRandom
  var restRandom: SeededRandom
  var limiter: RequestLimiter
  var restRequests = 0
  var restErrors = 0
  /// Whether what was sent is on the disk, so that the flow may be called finished.
  var isWritten = false
  var sentFailure: SimulatorError?

  private var pacer: Pacer
  /// Seconds that a pass takes; asked for with every order, and costly to find.
  private let span: Int64
  private var played = 0
  private var pass = 0
  private var isStarted: Bool
  private var lastOrderAt: Int64 = 0
  private var nextNumber = 1

  enum Refusal: Equatable, Sendable {
    case none
    /// For so many nanoseconds from the next handshake on.
    case armed(Int64)
    /// Until this time after the start.
    case until(Int64)
  }

  /// A venue at its beginning.
  init(flow: Flow, options: SimulatorOptions) {
    self.options = options
    source = OrderSource(flow: flow, keeping: options.keptOrders)
    faults = FaultQueue(FaultPlan(options.faults, total: flow.count, seed: options.seed))
    random = SeededRandom(seed: options.seed, stream: 5)
    restRandom = SeededRandom(seed: options.seed, stream: 6)
    limiter = RequestLimiter(options.restLimit)
    pacer = Pacer(options.speed)
    span = flow.span
    isStarted = options.startsAtOnce
  }

  /// Whether the last order happened and nothing is held back or still to go wrong.
  var isOver: Bool {
    let isPlayed = played == source.flow.count && !options.loops
    let isBusy = subscribers.contains { $0.ending == nil && ($0.wakesAt != nil || !$0.output.isEmpty) }
    return isPlayed && !isBusy && faults.isPlanDone && faults.waiting.isEmpty && faults.waitingREST.isEmpty
      && refusal.isArmed == false
  }

  /// What has been done so far.
  var status: SimulatorStatus {
    SimulatorStatus(
      sent: source.log.end, total: source.flow.count, isFinished: isOver && isWritten,
      connections: subscribers.count, subscriptions: subscribers.reduce(0) { $0 + $1.subscriptions.count },
      faults: faults.happened, restRequests: restRequests, restErrors: restErrors)
  }

  /// A new connection; the number is its name from now on.
  mutating func connect() -> Int {
    let number = nextNumber
    nextNumber += 1
    subscribers.append(Subscriber(number: number, seed: options.seed))
    return number
  }

  /// The connection is gone.
  mutating func disconnect(_ number: Int) { subscribers.removeAll { $0.number == number } }

  /// So many bytes of a connection went to the system.
  mutating func wrote(_ number: Int, _ count: Int) {
    guard let place = place(of: number) else { return }
    subscribers[place].unwritten -= count
    subscribers[place].stalledSince = nil
  }

  func place(of number: Int) -> Int? { subscribers.firstIndex { $0.number == number } }

  /// Somebody has subscribed.
  mutating func start() { isStarted = true }

  /// Lets happen what is due; returns the nanoseconds until it wants to be called again, nil for not before
  /// something comes in.
  mutating func advance(_ now: Moment) -> Int64? {
    for place in subscribers.indices { releaseWhenDue(place, now) }
    guard isStarted else { return nil }
    strike(now)
    pacer.advance(to: now.elapsed, isHeld: isHeld)
    var steps = 0
    while steps < Venue.stepLimit, playNext(now) { steps += 1 }
    if played == source.flow.count { endPass(now) }
    dropSlowReaders(now)
    return wait(now, isFull: steps == Venue.stepLimit)
  }

  /// Takes the bytes that are to be written now.
  mutating func takeOutput(_ now: Moment) -> [Subscriber.Output] {
    subscribers.indices.compactMap { subscribers[$0].takeOutput(now) }
  }

  /// Whether the flow waits: for faults that have nobody to hit, or for readers when it has no speed.
  private var isHeld: Bool {
    let remaining = source.flow.count - played
    if !faults.waiting.isEmpty, remaining <= faults.reserve, !subscribers.contains(where: \.needsOrders) {
      return true
    }
    return options.speed == .maximum
      && subscribers.contains { $0.ending == nil && $0.unwritten + $0.output.count > Venue.pauseBytes }
  }

  /// Lets the next order happen if it is due.
  private mutating func playNext(_ now: Moment) -> Bool {
    guard played < source.flow.count, !isHeld else { return false }
    let flow = source.flow
    let leg = flow.orders[played]
    let seconds = leg.time - flow.orders[0].time
    guard pacer.isDue(count: played + pass * flow.count, seconds: seconds + Int64(pass) * span) else {
      return false
    }
    let time = options.usesWallTime ? now.wall / 1000 : leg.time + Int64(pass) * span
    let lag = Int64(options.restLag / .nanoseconds(1))
    let share = Int64(restRandom.below(1001))
    let number = source.log.append(
      leg: played, pass: pass, time: time, visibleAt: now.elapsed + lag / 1000 * share)
    played += 1
    lastOrderAt = now.elapsed
    deliver(number, now)
    faults.advance(to: played)
    if !faults.waiting.isEmpty { strike(now) }
    return true
  }

  private mutating func deliver(_ number: Int, _ now: Moment) {
    let sent = sentTime(number, now)
    for place in subscribers.indices where subscribers[place].isSubscribed {
      if random.happens(options.reorderRate), subscribers[place].mode == .flowing {
        subscribers[place].mode = .shuffling(count: random.within(2...5), orders: [])
      }
      subscribers[place].offer(number, &source, sent: sent)
      if random.happens(options.duplicateRate) { subscribers[place].offer(number, &source, sent: sent) }
    }
  }

  /// The time in RTDS envelopes: now, or with recorded times some part of a second after the trade.
  func sentTime(_ number: Int, _ now: Moment) -> Int64 {
    options.usesWallTime ? now.wall : source.log[number].time * 1000 + 700 + Int64(number % 300)
  }

  private mutating func releaseWhenDue(_ place: Int, _ now: Moment) {
    if case .held(let until, _) = subscribers[place].mode, until <= now.elapsed { release(place, now) }
  }

  private mutating func release(_ place: Int, _ now: Moment) {
    let sent = sentTime(max(source.log.end - 1, source.log.start), now)
    subscribers[place].release(&source, sent: sent)
  }

  private mutating func endPass(_ now: Moment) {
    if options.loops {
      pass += 1
      played = 0
      let plan = FaultPlan(options.faults, total: source.flow.count, seed: options.seed, pass: pass)
      faults.restart(plan)
      return
    }
    for place in subscribers.indices {
      if case .shuffling = subscribers[place].mode { release(place, now) }
      if case .cutting = subscribers[place].mode { subscribers[place].ending = .end }
    }
    let patience = Int64(options.restFaultPatience / .nanoseconds(1))
    if now.elapsed - lastOrderAt > patience { faults.abandonREST() }
  }

  private mutating func dropSlowReaders(_ now: Moment) {
    for place in subscribers.indices where subscribers[place].ending == nil {
      let pending = subscribers[place].unwritten + subscribers[place].output.count
      var isTooSlow = pending > options.maximumPendingBytes
      if options.speed == .maximum, subscribers[place].unwritten > Venue.pauseBytes / 2 {
        let since = subscribers[place].stalledSince ?? now.elapsed
        subscribers[place].stalledSince = since
        isTooSlow = isTooSlow || now.elapsed - since > Venue.readerPatience
      }
      if isTooSlow { subscribers[place].close(1008, "the client does not read") }
    }
  }

  private func wait(_ now: Moment, isFull: Bool) -> Int64? {
    if isFull { return 0 }
    let wakes = subscribers.lazy.filter { $0.ending == nil }.compactMap(\.wakesAt).min()
    let wake = wakes.map { max(Moment.millisecond, $0 - now.elapsed) }
    if played == source.flow.count {
      // A fault of REST that waits gives up some time.
      return faults.waitingREST.isEmpty ? wake : min(wake ?? .max, 500 * Moment.millisecond)
    }
    // Held up, it goes on when somebody subscribes or reads; but the clock of the pacer must not jump.
    let pause = (options.speed == .maximum ? 1 : 20) * Moment.millisecond
    let next = isHeld ? pause : pacer.wait(count: played + pass * source.flow.count)
    return min(wake ?? .max, next)
  }
}

extension Venue.Refusal {
  /// Whether it waits for a handshake.
  var isArmed: Bool {
    if case .armed = self { true } else { false }
  }
}
