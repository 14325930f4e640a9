import Wire

/// How one venue lists past orders: the requests of a read, and where a page goes on.
protocol RestDialect: Sendable {
  /// What has to be listed to see every order that the feed wants, each with its own pages.
  func listings(since: Int64) throws(FeedError) -> [RestListing]
  /// Headers of each request.
  var headers: [(String, String)] { get }
  /// Where a page goes on; nil when it is no page of orders at all.
  func end(of page: inout JSONProbe) -> PageEnd?
}

/// Where one page of a list ends.
enum PageEnd: Equatable {
  case last
  /// The next page has this cursor.
  case next(String)

  /// What a page says of itself: another page, the last one, or, contradicting itself, nil.
  init?(hasMore: JSONProbe.Value?, cursor: String?) {
    switch (hasMore, cursor) {
    case (.bool(false), _), (nil, nil), (.null, nil): self = .last
    case (_, let cursor?): self = .next(cursor)
    default: return nil
    }
  }
}

/// One list of orders, newest first or in any order, in pages.
struct RestListing: Sendable {
  /// The url of the first page.
  var url: String
  /// The name of the parameter that carries the cursor.
  var cursorName: String
  /// Newest first without a limit in time: pages are read until an order is older than this, ms.
  var until: Int64?

  /// The url of a page.
  func page(_ cursor: String?) -> String {
    guard let cursor else { return url }
    return url + "&" + cursorName + "=" + RestListing.escaped(cursor)
  }

  /// A text as it may stand in a query (RFC 3986: all but the unreserved characters are percent-encoded).
  static func escaped(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var out: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        out.append(byte)
      default: out += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: out, as: UTF8.self)
  }
}

/// Polymarket's Data API, version 2: all trades of both sides, newest first.
struct PolymarketRest: RestDialect {
  let base: String
  var headers: [(String, String)] { [] }

  func listings(since: Int64) -> [RestListing] {
    [RestListing(url: "\(base)/v2/trades?limit=1000&taker_only=false", cursorName: "cursor", until: since)]
  }

  func end(of page: inout JSONProbe) -> PageEnd? {
    guard page.value("data") == .array else { return nil }
    return PageEnd(
      hasMore: page.value("pagination", "has_more"), cursor: page.text("pagination", "next_cursor"))
  }
}

/// REST of the Dome protocol: orders by wallet, market or condition, between two times.
struct DomeRest: RestDialect {
  let base: String
  let settings: DomeSettings
  let watchList: @Sendable () -> [String]

  var headers: [(String, String)] { settings.key.map { [("Authorization", "Bearer \($0)")] } ?? [] }

  func listings(since: Int64) -> [RestListing] {
    let all = "\(base)/polymarket/orders?limit=1000&start_time=\(max(0, since / 1000))"
    func each(_ name: String, _ values: [String]) -> [String] {
      values.map { "\(all)&\(name)=\(RestListing.escaped($0))" }
    }
    let urls =
      switch settings.filter {
      case .everything: [all]
      case .users(let users): each("user", users)
      case .watchList: each("user", watchList().sorted())
      case .conditions(let ids): each("condition_id", ids)
      case .markets(let slugs): each("market_slug", slugs)
      }
    return urls.map { RestListing(url: $0, cursorName: "pagination_key") }
  }

  func end(of page: inout JSONProbe) -> PageEnd? {
    guard page.value("orders") == .array else { return nil }
    return PageEnd(
      hasMore: page.value("pagination", "has_more"), cursor: page.text("pagination", "pagination_key"))
  }
}
