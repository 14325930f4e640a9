import Hummingbird
import Journal
import Wire

/// What feeds have brought: orders, markets, and what could not be read.
struct FlowRoutes: Sendable {
  let readers: StoreReaders

  var routes: [Route] {
    [
      Route(.get, "/v1/orders", .viewer, query: FlowRoutes.orderParameters) { request, _ in
        try await orders(request)
      },
      Route(.get, "/v1/markets", .viewer, query: ["limit"]) { request, _ in try await markets(request) },
      Route(.get, "/v1/dead-letters", .viewer, query: QueryReader.page) { request, _ in
        try await deadLetters(request)
      },
    ]
  }

  private static let orderParameters =
    ["market", "token", "user", "since", "until"] + QueryReader.page

  private func orders(_ request: Request) async throws -> Response {
    let query = try QueryReader(request.uri, allowed: FlowRoutes.orderParameters)
    var filter = OrderFilter()
    filter.market = try query.text("market")
    filter.token = try query.text("token")
    filter.user = try query.text("user")
    filter.since = try query.time("since")
    filter.until = try query.time("until")
    let page = try query.page()
    return .json(
      bytes: try await readers.read { [filter] reader in
        RowJSON.page("orders", try page.fill { try reader.page(of: filter, $0) }, RowJSON.order)
      })
  }

  private func markets(_ request: Request) async throws -> Response {
    let query = try QueryReader(request.uri, allowed: ["limit"])
    let limit = Int(try query.number("limit", 1...500) ?? 50)
    let markets = try await readers.read { try $0.markets(limit: limit) }
    return .json {
      $0.object {
        $0.member("newest_orders", JournalReader.marketOrders)
        $0.key("markets")
        $0.array { list in
          for market in markets {
            list.object {
              $0.member("market", market.market)
              $0.member("condition_id", market.conditionID)
              $0.member("title", market.title)
              $0.member("orders", market.orders)
              $0.member("usd", RowJSON.decimal(market.usd))
              $0.member("last_t", market.newest)
            }
          }
        }
      }
    }
  }

  private func deadLetters(_ request: Request) async throws -> Response {
    let page = try QueryReader(request.uri, allowed: QueryReader.page).page()
    return .json(
      bytes: try await readers.read { reader in
        RowJSON.page("dead_letters", try page.fill { try reader.deadLetters($0) }) { letter, writer in
          writer.object {
            $0.member("id", letter.id)
            $0.member("source", letter.source)
            $0.member("line", letter.line)
            $0.member("offset", letter.offset)
            $0.member("reason", letter.reason)
            $0.member("text", String(decoding: letter.text, as: UTF8.self))
          }
        }
      })
  }
}
