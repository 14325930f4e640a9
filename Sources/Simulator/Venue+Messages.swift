extension Venue {
  /// Takes a text message of a client.
  mutating func receive(_ number: Int, _ bytes: some Collection<UInt8>) {
    guard let place = place(of: number), subscribers[place].ending == nil else { return }
    switch ClientMessage(bytes) {
    case .ping: subscribers[place].send(text: "PONG")
    case .invalid(let reason): sendError(place, reason)
    case .subscribe(let filter): subscribe(place, filter)
    case .update(let id, let filter):
      guard let at = subscribers[place].subscriptions.firstIndex(where: { $0.id == id }) else {
        sendError(place, "there is no subscription \(id.prefix(80))")
        return
      }
      guard let filter = resolve(place, filter) else { return }
      subscribers[place].subscriptions[at].filter = filter
      settle(place)
    case .unsubscribe(let id): subscribers[place].subscriptions.removeAll { $0.id == id }
    case .subscribeTopics(let slugs): subscribe(place, topics: slugs)
    case .unsubscribeTopics: subscribers[place].subscriptions = []
    }
  }

  private mutating func subscribe(_ place: Int, _ request: ClientMessage.Filter) {
    if subscribers[place].subscriptions.count >= options.maximumSubscriptions {
      sendError(place, "a connection has \(options.maximumSubscriptions) subscriptions at most")
      return
    }
    guard let filter = resolve(place, request) else { return }
    let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789")
    let id = "sub_" + String((0..<10).map { _ in letters[subscribers[place].random.below(letters.count)] })
    subscribers[place].dialect = .dome
    subscribers[place].subscriptions.append(Subscription(dome: id, filter: filter))
    subscribers[place].send(text: "{\"type\":\"ack\",\"subscription_id\":\"\(id)\"}")
    settle(place)
  }

  private mutating func subscribe(_ place: Int, topics slugs: [String?]) {
    let connection = "sim\(subscribers[place].number)="
    subscribers[place].dialect = .rtds
    for slug in slugs {
      let filter = slug.map { OrderFilter.slugs(numbers(of: [$0])) } ?? .everything
      // The official client subscribes again to stay subscribed; that adds nothing.
      if subscribers[place].subscriptions.contains(where: { $0.filter == filter }) { continue }
      if subscribers[place].subscriptions.count >= options.maximumSubscriptions { break }
      subscribers[place].subscriptions.append(Subscription(connection: connection, filter: filter))
    }
    if subscribers[place].isSubscribed { settle(place) }
  }

  /// A subscription ends a freeze, and starts the flow when it is the first.
  private mutating func settle(_ place: Int) {
    if subscribers[place].mode == .frozen { subscribers[place].mode = .flowing }
    subscribers[place].settlesAt = source.log.end + faults.spacing
    start()
  }

  private mutating func resolve(_ place: Int, _ request: ClientMessage.Filter) -> OrderFilter? {
    switch request.kind {
    case .users:
      if request.values == ["*"] { return .everything }
      if request.values.count > options.maximumWallets {
        sendError(place, "a subscription has \(options.maximumWallets) wallets at most")
        return nil
      }
      return .users(numbers(of: request.values.map { $0.lowercased() }))
    case .conditions: return .conditions(numbers(of: request.values.map { $0.lowercased() }))
    case .slugs: return .slugs(numbers(of: request.values))
    }
  }

  /// Texts that no order has can match none, and are left out.
  private func numbers(of texts: [String]) -> Set<UInt32> {
    Set(texts.compactMap { source.flow.texts.number(of: $0.utf8) })
  }

  private mutating func sendError(_ place: Int, _ reason: String) {
    var bytes = Array("{\"type\":\"error\",\"message\":".utf8)
    bytes.append(quoted: reason)
    bytes.append(UInt8(ascii: "}"))
    subscribers[place].output.append(frame: .text, bytes)
  }
}
