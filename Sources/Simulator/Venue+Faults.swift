extension Venue {
  /// Lets a fault happen now, to everybody who has subscribed; with nobody there the next one gets it.
  mutating func inject(_ fault: Fault, _ now: Moment) {
    let hits = subscribers.indices.filter { subscribers[$0].isSubscribed }
    if fault.isREST || hits.isEmpty
      || fault == .duplicate && !hits.contains(where: { subscribers[$0].hasRecent })
    {
      faults.add(fault, isFirst: true)
    } else {
      strike(fault, hits, now)
    }
  }

  /// Lets the faults happen that are due and have somebody to hit.
  mutating func strike(_ now: Moment) {
    while let fault = faults.waiting.first {
      let isLate = source.log.end >= source.flow.count && !options.loops
      let hits = subscribers.indices.filter { place in
        let subscriber = subscribers[place]
        let isSettled = subscriber.settlesAt <= source.log.end || isLate
        return subscriber.isHealthy && isSettled && (fault != .duplicate || subscriber.hasRecent || isLate)
      }
      if hits.isEmpty { return }
      _ = faults.take()
      strike(fault, hits, now)
    }
  }

  private mutating func strike(_ fault: Fault, _ hits: [Int], _ now: Moment) {
    // The one of the restart happens when a handshake is refused.
    if fault != .refuse { faults.count(fault) }
    var draw = random
    let stretch = draw.within(2...50)
    for place in hits {
      subscribers[place].settlesAt = source.log.end + faults.spacing
      let sent = source.log.end > source.log.start ? sentTime(source.log.end - 1, now) : now.wall
      switch fault {
      case .drop: subscribers[place].ending = .reset
      case .freeze: subscribers[place].mode = .frozen
      case .expire: subscribers[place].subscriptions = []
      case .duplicate: subscribers[place].repeatRecent(&source, sent: sent)
      case .reorder: subscribers[place].mode = .shuffling(count: stretch, orders: [])
      case .delay:
        let until = now.elapsed + Int64(draw.within(200...2000)) * Moment.millisecond
        subscribers[place].mode = .held(until: until, orders: [])
      case .cut: subscribers[place].mode = .cutting
      case .garbage: subscribers[place].sendGarbage()
      case .slow:
        let until = now.elapsed + Int64(draw.within(300...1000)) * Moment.millisecond
        subscribers[place].mode = .dribbling(until: until, next: 0)
      case .refuse: subscribers[place].close(1012, "service restart")
      case .rest429, .rest503: break
      }
    }
    if fault == .refuse { refusal = .armed(Int64(draw.within(500...2000)) * Moment.millisecond) }
    random = draw
  }

  /// Whether a handshake is to be refused.
  mutating func refusesHandshake(_ now: Moment) -> Bool {
    switch refusal {
    case .none: return false
    case .armed(let duration):
      faults.count(.refuse)
      refusal = .until(now.elapsed + duration)
      return true
    case .until(let time):
      if now.elapsed < time { return true }
      refusal = .none
      return false
    }
  }
}

extension Subscriber {
  /// Sends a binary frame of random bytes, or a text frame of broken JSON.
  mutating func sendGarbage() {
    if random.below(2) == 0 {
      let bytes = (0..<random.within(1...200)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      output.append(frame: .binary, bytes)
    } else {
      let broken = [
        "{\"type\":\"event\",\"subscription_id\":\"sub_", "{\"type\":\"event\",\"data\":{\"price\":0.5.6}}",
        "]}",
        "<html><body>502 Bad Gateway</body></html>", "{\"type\":\"event\",\"data\":}", "null null",
      ]
      send(text: broken[random.below(broken.count)])
    }
  }
}
