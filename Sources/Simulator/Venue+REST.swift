extension Venue {
  /// Answers a request.
  mutating func answer(_ request: RESTRequest, _ now: Moment) -> RESTResponse {
    switch request.path {
    case "/simulator/status": return RESTResponse(Array(status.json.utf8))
    case "/polymarket/orders", "/v2/trades":
      restRequests += 1
      let response = failure(now) ?? rows(request, now)
      if response.status == 429 || response.status == 503 { restErrors += 1 }
      return response
    default: return RESTResponse(status: 404, code: "not_found", message: "there is nothing at this path")
    }
  }

  private func rows(_ request: RESTRequest, _ now: Moment) -> RESTResponse {
    request.path == "/v2/trades" ? trades(request, now) : orders(request, now)
  }

  /// A fault that is due, chance, or the limit of requests.
  private mutating func failure(_ now: Moment) -> RESTResponse? {
    if let fault = faults.takeREST() { return Venue.failure(isBusy: fault == .rest503, 1) }
    if restRandom.happens(options.restErrorRate) { return Venue.failure(isBusy: restRandom.below(2) == 0, 1) }
    return limiter.admit(now.elapsed).map { Venue.failure(isBusy: false, $0) }
  }

  private static func failure(isBusy: Bool, _ seconds: Int) -> RESTResponse {
    isBusy
      ? RESTResponse(status: 503, code: "unavailable", message: "try again later", retryAfter: seconds)
      : RESTResponse(status: 429, code: "rate_limited", message: "too many requests", retryAfter: seconds)
  }

  /// Dome's `/polymarket/orders`.
  private func orders(_ request: RESTRequest, _ now: Moment) -> RESTResponse {
    if let key = options.key, request.authorization != "Bearer \(key)" { return .unauthorized }
    let kinds = ["market_slug", "condition_id", "token_id"].filter { request[$0] != nil }
    if kinds.count > 1 { return .bad("only one of market_slug, condition_id and token_id may be given") }
    let names = ["user", "start_time", "end_time", "pagination_key"]
    if kinds.isEmpty, !names.contains(where: { request[$0] != nil }) {
      return .bad("a filter is missing: market_slug, condition_id, token_id, user, start_time or end_time")
    }
    guard let limit = Venue.limit(request) else { return .bad("limit is a number from 1 to 1000") }
    guard let range = Venue.range(request, "start_time", "end_time") else {
      return .bad("start_time and end_time are seconds, the first not later than the second")
    }
    let cursor = request["pagination_key"].map { PageCursor($0) }
    if case .some(.none) = cursor { return .bad("pagination_key is not one of ours") }
    var query = OrderPage.Query(seconds: range)
    query.slug = text(request["market_slug"], &query)
    query.conditions = text(request["condition_id"]?.lowercased(), &query).map { [$0] }
    query.token = text(request["token_id"], &query)
    query.user = text(request["user"]?.lowercased(), &query)
    let page = OrderPage(query, of: source, limit: limit, after: cursor ?? nil, now: now.elapsed)
    var body: [UInt8] = []
    body.append("{\"orders\":[")
    appendRows(page, to: &body) { source.writer.appendDomeRow($0, to: &$1) }
    body.append("],\"pagination\":{\"limit\":")
    body.append(number: Int64(limit))
    body.append(",\"total\":")
    body.append(number: Int64(page.total))
    body.append(page.next == nil ? ",\"has_more\":false" : ",\"has_more\":true")
    if let next = page.next {
      body.append(",\"pagination_key\":")
      body.append(quoted: next.text)
    }
    body.append("}}")
    return RESTResponse(body)
  }

  /// The Data API's `/v2/trades`.
  private func trades(_ request: RESTRequest, _ now: Moment) -> RESTResponse {
    guard let limit = Venue.limit(request) else { return .bad("limit is a number from 1 to 1000") }
    if request["start"] != nil || request["end"] != nil, request["user"] == nil {
      return .bad("start and end need a user")
    }
    guard let range = Venue.range(request, "start", "end") else {
      return .bad("start and end are seconds, the first not later than the second")
    }
    let cursor = request["cursor"].map { PageCursor($0) }
    if case .some(.none) = cursor { return .bad("cursor is not one of ours") }
    var query = OrderPage.Query(takerOnly: request["taker_only"] != "false", seconds: range)
    query.user = text(request["user"]?.lowercased(), &query)
    // The documentation says condition, the official client sends condition_id.
    if let list = request["condition"] ?? request["condition_id"] {
      let texts = list.split(separator: ",").map { $0.lowercased() }
      if texts.count > 20 { return .bad("condition has 20 values at most") }
      query.conditions = Set(texts.compactMap { source.flow.texts.number(of: $0.utf8) })
    }
    query.isBuy = request["side"].map { $0 == "BUY" }
    let page = OrderPage(query, of: source, limit: limit, after: cursor ?? nil, now: now.elapsed)
    var body: [UInt8] = []
    body.append("{\"data\":[")
    appendRows(page, to: &body) { source.writer.appendTrade($0, to: &$1) }
    body.append("],\"pagination\":{\"limit\":")
    body.append(number: Int64(limit))
    body.append(",\"offset\":")
    body.append(number: Int64(page.offset))
    body.append(
      page.next == nil ? ",\"has_more\":false,\"next_cursor\":" : ",\"has_more\":true,\"next_cursor\":")
    if let next = page.next { body.append(quoted: next.text) } else { body.append("null") }
    body.append("}}")
    return RESTResponse(body)
  }

  private func appendRows(
    _ page: OrderPage, to body: inout [UInt8], _ write: (VenueOrder, inout [UInt8]) -> Void
  ) {
    body.reserveCapacity(page.orders.count * 800 + 256)
    for (place, order) in page.orders.enumerated() {
      if place > 0 { body.append(UInt8(ascii: ",")) }
      write(order, &body)
    }
  }

  private func text(_ text: String?, _ query: inout OrderPage.Query) -> UInt32? {
    guard let text else { return nil }
    let number = source.flow.texts.number(of: text.utf8)
    if number == nil { query.isVain = true }
    return number
  }

  private static func limit(_ request: RESTRequest) -> Int? {
    guard let text = request["limit"] else { return 100 }
    return Int(text).flatMap { (1...1000).contains($0) ? $0 : nil }
  }

  private static func range(_ request: RESTRequest, _ first: String, _ last: String) -> ClosedRange<Int64>? {
    let start = request[first].map { Int64($0) } ?? Int64.min
    let end = request[last].map { Int64($0) } ?? Int64.max
    guard let start, let end, start <= end else { return nil }
    return start...end
  }
}
