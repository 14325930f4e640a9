import Hummingbird
import Journal
import OrderFlow
import Wire

/// What rules have found.
struct SignalRoutes: Sendable {
  let readers: StoreReaders

  var routes: [Route] {
    [
      Route(.get, "/v1/signals", .viewer, query: SignalRoutes.parameters) { request, _ in
        try await list(request)
      },
      Route(.get, "/v1/signals/{id}", .viewer) { _, context in
        try await one(try context.parameters.require("id"))
      },
    ]
  }

  /// The names of what signals are filtered by.
  static let filters = ["rule", "market", "token", "user", "severity", "since", "until"]

  private static let parameters = filters + QueryReader.page

  /// The signals that are wanted.
  static func filter(_ query: QueryReader) throws(Problem) -> SignalFilter {
    var filter = SignalFilter(
      rule: try query.text("rule"), since: try query.time("since"),
      minimumSeverity: try query.severity("severity"))
    filter.market = try query.text("market")
    filter.token = try query.text("token")
    filter.user = try query.text("user")
    filter.until = try query.time("until")
    return filter
  }

  private func list(_ request: Request) async throws -> Response {
    let query = try QueryReader(request.uri, allowed: SignalRoutes.parameters)
    let (filter, page) = (try SignalRoutes.filter(query), try query.page())
    return .json(
      bytes: try await readers.read { reader in
        RowJSON.page("signals", try page.fill { try reader.page(of: filter, $0) }, RowJSON.signal)
      })
  }

  /// How many of the orders that support a signal are shown.
  private static let mostEvidence = 500

  private func one(_ text: String) async throws -> Response {
    guard text.utf8.count == 32, let id = Digest128(hex: text) else {
      throw Problem.badRequest("the id of a signal is 32 hexadecimal digits")
    }
    let bytes = try await readers.read { reader -> [UInt8]? in
      guard let found = try reader.signal(id: id) else { return nil }
      let signal = found.signal
      let orders = try reader.orders(numbered: Array(signal.evidence.prefix(SignalRoutes.mostEvidence)))
      let trigger = signal.hasOrder ? try reader.orders(numbered: [signal.seq]).first : nil
      var writer = JSONWriter()
      writer.object {
        $0.key("signal")
        RowJSON.signal(found, &$0)
        $0.member("action", signal.action)
        $0.member("late", signal.late)
        $0.key("order")
        if let trigger { RowJSON.order(trigger, &$0) } else { $0.value(nil as String?) }
        $0.member("evidence_count", signal.evidence.count)
        $0.key("evidence")
        $0.array { list in for order in orders { RowJSON.order(order, &list) } }
      }
      return writer.bytes
    }
    guard let bytes else { throw Problem.notFound("no signal has this id, or it is not kept any more") }
    return .json(bytes: bytes)
  }
}
