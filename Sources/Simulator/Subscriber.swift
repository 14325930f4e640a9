/// One connection as the venue sees it: what it has subscribed to, and what is to be sent.
struct Subscriber: Sendable {
  /// The protocol, which the first message tells.
  enum Dialect: Sendable { case unknown, dome, rtds }

  /// How the connection ends once everything is sent.
  enum Ending: Equatable, Sendable {
    /// A TCP reset, at once.
    case reset
    /// The end of the TCP stream, without a closing handshake.
    case end
    /// A closing handshake was begun.
    case handshake
  }

  /// The most orders that are kept for sending again.
  private static let recentLimit = 50
  /// The most orders a stretch holds back.
  private static let heldLimit = 100_000

  let number: Int
  var dialect = Dialect.unknown
  var subscriptions: [Subscription] = []
  var mode = StreamMode.flowing
  var ending: Ending?
  /// Whether the ending was taken, so that nothing more may be sent.
  var isOver = false
  /// Frames that wait to be taken.
  var output: [UInt8] = []
  /// Bytes that were taken and not yet written to the socket.
  var unwritten = 0
  /// Since when much has been unwritten and nothing more was, in nanoseconds after the start.
  var stalledSince: Int64?
  /// The order from which on a fault may hit it.
  var settlesAt = 0
  /// Draws of this connection.
  var random: SeededRandom
  private var recent: [Int] = []

  init(number: Int, seed: UInt64) {
    self.number = number
    random = SeededRandom(seed: seed &+ UInt64(number), stream: 4)
  }

  /// Whether it gets orders.
  var isSubscribed: Bool { !subscriptions.isEmpty && ending == nil }
  /// Whether it gets them as a venue without faults would send them.
  var isHealthy: Bool { isSubscribed && mode == .flowing }
  /// Whether it gets somewhere by orders; the other modes end by time, or by the client.
  var needsOrders: Bool {
    switch mode {
    case .flowing, .shuffling, .cutting: isSubscribed
    case .frozen, .held, .dribbling: false
    }
  }
  /// Whether it has been sent an order.
  var hasRecent: Bool { !recent.isEmpty }

  /// Sends an order, or whatever the mode makes of it.
  mutating func offer(_ number: Int, _ source: inout OrderSource, sent: Int64) {
    switch mode {
    case .flowing, .dribbling: send(number, &source, sent: sent)
    case .frozen: break
    case .held(let until, var orders):
      // The enum holds no second reference while the list grows.
      mode = .flowing
      orders.append(number)
      if orders.count < Subscriber.heldLimit {
        mode = .held(until: until, orders: orders)
      } else {
        for order in orders { send(order, &source, sent: sent) }
      }
    case .shuffling(let count, var orders):
      mode = .flowing
      if matches(number, source) { orders.append(number) }
      mode = .shuffling(count: count, orders: orders)
      if orders.count >= count { release(&source, sent: sent) }
    case .cutting:
      let before = output.count
      send(number, &source, sent: sent)
      if output.count == before { return }
      // Less than one frame, so that what is left does not end with a whole one.
      output.removeLast((output.count - before) / (2 * max(1, subscriptions.count)))
      ending = .end
    }
  }

  /// Sends what is held back, shuffled when that was the point.
  mutating func release(_ source: inout OrderSource, sent: Int64) {
    switch mode {
    case .held(_, let orders):
      mode = .flowing
      for order in orders { send(order, &source, sent: sent) }
    case .shuffling(_, var orders):
      mode = .flowing
      let original = orders
      // Two equal shuffles in a row are possible with few orders; one that changes nothing is not wanted.
      for _ in 0..<8 where orders == original { orders.shuffle(using: &random) }
      for order in orders { send(order, &source, sent: sent) }
    default: break
    }
  }

  /// Sends the last orders again, 5 to 50 of them as far as there are so many.
  mutating func repeatRecent(_ source: inout OrderSource, sent: Int64) {
    let burst = Array(recent.suffix(random.within(5...Subscriber.recentLimit)))
    for order in burst where order >= source.log.start { send(order, &source, sent: sent) }
  }

  /// Sends a text of the protocol.
  mutating func send(text: String) { output.append(frame: .text, text.utf8) }

  /// Ends the connection with a closing handshake.
  mutating func close(_ code: UInt16, _ reason: String) {
    if ending != nil { return }
    output.append(close: code, reason: reason)
    ending = .handshake
  }

  private func matches(_ number: Int, _ source: OrderSource) -> Bool {
    let leg = source.leg(of: number)
    let outcome = source.flow.outcome(of: leg)
    return subscriptions.contains { $0.filter.matches(leg, outcome) }
  }

  /// Appends one frame for each subscription that the order matches; RTDS sends it once only.
  private mutating func send(_ number: Int, _ source: inout OrderSource, sent: Int64) {
    let leg = source.leg(of: number)
    let outcome = source.flow.outcome(of: leg)
    var isSent = false
    for subscription in subscriptions where subscription.filter.matches(leg, outcome) {
      let body = dialect == .rtds ? source.rtdsBytes(number, sent: sent) : source.domeBytes(number)
      output.append(frame: .text, count: subscription.head.count + body.count)
      output.append(contentsOf: subscription.head)
      output.append(contentsOf: body)
      isSent = true
      if dialect == .rtds { break }
    }
    if !isSent { return }
    recent.append(number)
    if recent.count >= 2 * Subscriber.recentLimit { recent.removeFirst(Subscriber.recentLimit) }
  }
}
