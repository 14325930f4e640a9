import Documents

/// What a client says, in either protocol.
enum ClientMessage: Equatable, Sendable {
  /// The filter of a Dome subscription as it was sent.
  struct Filter: Equatable, Sendable {
    enum Kind: String, Equatable, Sendable, CaseIterable {
      case users, conditions = "condition_ids", slugs = "market_slugs"
    }

    var kind: Kind
    var values: [String]
  }

  case subscribe(Filter)
  case update(id: String, Filter)
  case unsubscribe(id: String)
  /// RTDS: each of the topics that carry trades, with the slug of an event when one is given.
  case subscribeTopics([String?])
  case unsubscribeTopics
  /// The text `PING` of RTDS.
  case ping
  /// With what to answer.
  case invalid(String)

  /// Reads a text message.
  init(_ bytes: some Collection<UInt8>) {
    if bytes.elementsEqual("PING".utf8) {
      self = .ping
      return
    }
    guard let json = JSONValue(bytes) else {
      self = .invalid("the message is not JSON")
      return
    }
    let action = json["action"]?.text ?? ""
    if let topics = json["subscriptions"]?.elements {
      self = ClientMessage.topics(topics, action: action)
      return
    }
    switch action {
    case "subscribe": self = ClientMessage.filtered(json) { .subscribe($0) }
    case "update":
      guard let id = json["subscription_id"]?.text else {
        self = .invalid("subscription_id is missing")
        return
      }
      self = ClientMessage.filtered(json) { .update(id: id, $0) }
    case "unsubscribe":
      self =
        json["subscription_id"]?.text.map { .unsubscribe(id: $0) } ?? .invalid("subscription_id is missing")
    default: self = .invalid("action is subscribe, update or unsubscribe")
    }
  }

  private static func topics(_ topics: [JSONValue], action: String) -> ClientMessage {
    if action == "unsubscribe" { return .unsubscribeTopics }
    if action != "subscribe" { return .invalid("action is subscribe or unsubscribe") }
    var slugs: [String?] = []
    for topic in topics where topic["topic"]?.text == "activity" {
      guard ["trades", "orders_matched", "*"].contains(topic["type"]?.text ?? "*") else { continue }
      let filter = topic["filters"]?.text.flatMap { JSONValue($0.utf8) }
      slugs.append(filter?["event_slug"]?.text ?? filter?["market_slug"]?.text)
    }
    return .subscribeTopics(slugs)
  }

  private static func filtered(_ json: JSONValue, _ make: (Filter) -> ClientMessage) -> ClientMessage {
    if let platform = json["platform"]?.text, platform != "polymarket" {
      return .invalid("platform is polymarket")
    }
    if let type = json["type"]?.text, type != "orders" { return .invalid("type is orders") }
    let kinds = Filter.Kind.allCases.filter { json["filters"]?[$0.rawValue] != nil }
    guard kinds.count == 1, let values = json["filters"]?[kinds[0].rawValue]?.elements else {
      return .invalid("filters is exactly one of users, condition_ids, market_slugs, each a list")
    }
    let texts = values.compactMap(\.text)
    if texts.isEmpty || texts.count != values.count {
      return .invalid("\(kinds[0].rawValue) is a list of one string or more")
    }
    return make(Filter(kind: kinds[0], values: texts))
  }
}
