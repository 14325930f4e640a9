/// Which orders to list; everything unset lets all pass.
public struct OrderFilter: Equatable, Sendable {
  /// Only orders in this market, by its slug.
  public var market: String?
  /// Only orders for this outcome token.
  public var token: String?
  /// Only orders of this wallet.
  public var user: String?
  /// Only orders at or after this event time, ms since 1970 UTC.
  public var since: Int64?
  /// Only orders before this event time, ms since 1970 UTC.
  public var until: Int64?

  /// A filter that lets everything pass.
  public init() {}

  /// The terms of a condition over `events e`, with a parameter for each value in the order of `bindTerms`.
  var terms: [String] {
    var terms: [String] = []
    if market != nil { terms.append("e.market_slug = ?") }
    if token != nil { terms.append("e.token_id = ?") }
    if user != nil { terms.append("e.user = ?") }
    if since != nil { terms.append("e.t >= ?") }
    if until != nil { terms.append("e.t < ?") }
    return terms
  }

  func bindTerms(to statement: Statement) {
    for text in [market, token, user] {
      if let text { statement.bind(text) }
    }
    if let since { statement.bind(since) }
    if let until { statement.bind(until) }
  }
}
