import Net
import NIOCore
import Wire

/// The protocol of Dome, which relays and recordings still speak: subscriptions with acknowledgements.
struct DomeDialect: StreamDialect {
  let settings: DomeSettings
  /// The wallets of the watch list, asked for at each connection.
  let watchList: @Sendable () -> [String]

  var isAcknowledged: Bool { true }
  var dependsOnWatchList: Bool { settings.filter == .watchList }
  var ping: String? { nil }

  func endpoint() throws(WebSocketError) -> WebSocketEndpoint {
    var url = settings.url
    while url.hasSuffix("/") { url.removeLast() }
    if let key = settings.key { url += "/" + DomeDialect.pathPart(key) }
    var endpoint = try WebSocketEndpoint(url: url)
    endpoint.certificateFile = settings.certificateFile
    return endpoint
  }

  /// A key as a part of a path: what would end the path, or is not allowed in a url, is percent-encoded.
  private static func pathPart(_ key: String) -> String {
    let special = "?#%/\\\"<>^`{|} "
    return key.map { special.contains($0) ? RestListing.escaped(String($0)) : String($0) }.joined()
  }

  func subscriptions() throws(FeedError) -> [String] {
    switch settings.filter {
    case .everything: return [subscribe("users", ["*"])]
    case .users(let users): return try split("users", users)
    case .watchList: return try split("users", watchList().sorted())
    case .conditions(let ids): return try split("condition_ids", ids)
    case .markets(let slugs): return try split("market_slugs", slugs)
    }
  }

  /// One subscription holds so many names; more of them take more subscriptions.
  private func split(_ filter: String, _ names: [String]) throws(FeedError) -> [String] {
    if names.isEmpty {
      throw FeedError(.settings, "there is nothing to subscribe to: \(filter) is empty")
    }
    let size = max(settings.subscriptionSize, 1)
    let needed = (names.count + size - 1) / size
    guard needed <= settings.subscriptionLimit else {
      throw FeedError(
        .settings,
        "\(names.count) \(filter) need \(needed) subscriptions of \(size), and the key may hold "
          + "\(settings.subscriptionLimit); subscribe to everything, or to fewer")
    }
    return (0..<needed).map {
      subscribe(filter, Array(names[($0 * size)..<min(($0 + 1) * size, names.count)]))
    }
  }

  private func subscribe(_ filter: String, _ names: [String]) -> String {
    let list = names.map { JSONText.quoted($0) }.joined(separator: ",")
    return #"{"action":"subscribe","platform":"polymarket","version":1,"type":"orders","filters":{""#
      + #"\#(filter)":[\#(list)]}}"#
  }

  func unsubscription(_ id: String) -> String? {
    #"{"action":"unsubscribe","version":1,"subscription_id":\#(JSONText.quoted(id))}"#
  }

  func kind(of message: ByteBuffer) -> MessageKind {
    if message.hasPrefix(#"{"type":"event""#) { return .payload }
    var probe = JSONProbe(message.readableBytesView)
    guard let type = probe.text("type") else { return .unknown }
    switch type {
    case "event": return .payload
    case "ack": return probe.text("subscription_id").map { .acknowledgement($0) } ?? .notice(message.excerpt)
    default: return .notice(probe.text("message") ?? probe.text("error") ?? message.excerpt)
    }
  }

  func monitor() -> StreamMonitor {
    StreamMonitor(
      silence: settings.silence, acknowledgeWithin: settings.acknowledgeWithin, pingEvery: nil)
  }
}
