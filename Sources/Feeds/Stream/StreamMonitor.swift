/// Watches one connection of a stream: whether it is subscribed, and whether it still brings anything.
///
/// Ping and pong prove nothing: a subscription can lapse while they are answered. Only payload does. Pure: every
/// method takes the time, in monotonic nanoseconds.
struct StreamMonitor {
  /// What is to be done.
  enum Action: Equatable {
    case ping
    /// Subscribe again on the same connection: nothing came for so many seconds.
    case resubscribe(silentSeconds: UInt64)
    /// Give the connection up, for this reason.
    case reconnect(String)
  }

  private enum State {
    /// The subscriptions are sent; so many acknowledgements are missing (of none, the first payload counts).
    case subscribing(since: UInt64, missing: Int)
    /// Subscribed, and payload came lately.
    case live
    /// Nothing came for too long; subscribed again at this time.
    case lapsed(since: UInt64)
  }

  private let silence: UInt64?
  private let acknowledgeWithin: UInt64
  private let pingEvery: UInt64?
  private var state = State.subscribing(since: 0, missing: 0)
  private var lastPayload: UInt64 = 0
  private var lastPing: UInt64 = 0

  init(silence: Duration?, acknowledgeWithin: Duration, pingEvery: Duration?) {
    self.silence = silence?.nanoseconds
    self.acknowledgeWithin = acknowledgeWithin.nanoseconds
    self.pingEvery = pingEvery?.nanoseconds
  }

  /// Whether the stream is up as far as anybody can tell.
  var isLive: Bool { if case .live = state { true } else { false } }

  /// Notes that subscriptions were sent, of which so many will be acknowledged.
  mutating func subscribed(_ now: UInt64, acknowledgements: Int) {
    if case .lapsed = state { return }
    if lastPing == 0 { lastPing = now }
    lastPayload = now
    state = .subscribing(since: now, missing: acknowledgements)
  }

  /// Notes an acknowledgement; true when the stream is live by it.
  mutating func acknowledged(_ now: UInt64) -> Bool {
    guard case .subscribing(let since, let missing) = state, missing > 0 else { return false }
    if missing > 1 {
      state = .subscribing(since: since, missing: missing - 1)
      return false
    }
    state = .live
    lastPayload = now
    return true
  }

  /// Notes a message with an order; true when the stream is live by it.
  mutating func payload(_ now: UInt64) -> Bool {
    lastPayload = now
    switch state {
    case .live: return false
    case .subscribing(_, let missing) where missing > 0: return false
    case .subscribing, .lapsed:
      state = .live
      return true
    }
  }

  /// What is due at this time.
  mutating func tick(_ now: UInt64) -> [Action] {
    var actions: [Action] = []
    if let pingEvery, now >= lastPing + pingEvery {
      lastPing = now
      actions.append(.ping)
    }
    switch state {
    case .subscribing(let since, let missing):
      if missing > 0, now >= since + acknowledgeWithin {
        return [.reconnect("the subscription was not acknowledged within \(acknowledgeWithin.seconds) s")]
      }
      if missing == 0, let silence, now >= since + silence {
        return [.reconnect("no order came within \(silence.seconds) s of the subscription")]
      }
    case .live:
      if let silence, now >= lastPayload + silence {
        actions.append(.resubscribe(silentSeconds: (now - lastPayload).seconds))
        state = .lapsed(since: now)
      }
    case .lapsed(let since):
      if let silence, now >= since + silence {
        return [
          .reconnect("no order came for \((now - lastPayload).seconds) s, also after subscribing again")
        ]
      }
    }
    return actions
  }
}

extension UInt64 {
  /// Nanoseconds as whole seconds, rounded.
  fileprivate var seconds: UInt64 { (self + 500_000_000) / 1_000_000_000 }
}
