public import OrderFlow

/// Which signals to read; everything unset lets all pass.
public struct SignalFilter: Equatable, Sendable {
  /// Only signals of this rule.
  public var rule: String?
  /// Only signals of this market, by its slug.
  public var market: String?
  /// Only signals of this outcome token.
  public var token: String?
  /// Only signals of this wallet.
  public var user: String?
  /// Only signals of events at or after this time, ms since 1970 UTC.
  public var since: Int64?
  /// Only signals of events before this time, ms since 1970 UTC.
  public var until: Int64?
  /// Only signals at least this severe.
  public var minimumSeverity: Severity?
  /// Only the newest so many of what is left.
  public var limit: Int?

  /// A filter; without arguments it lets all signals pass.
  public init(
    rule: String? = nil, since: Int64? = nil, minimumSeverity: Severity? = nil, limit: Int? = nil
  ) {
    self.rule = rule
    self.since = since
    self.minimumSeverity = minimumSeverity
    self.limit = limit
  }

  /// Whether a signal passes; `limit` is of no account here.
  public func matches(_ signal: Signal) -> Bool {
    if let rule, signal.rule != rule { return false }
    if let market, signal.market != market { return false }
    if let token, signal.token != token { return false }
    if let user, signal.user != user { return false }
    if let since, signal.time < since { return false }
    if let until, signal.time >= until { return false }
    if let minimumSeverity, signal.severity < minimumSeverity { return false }
    return true
  }

  /// The terms of a condition over `signals s`, with a parameter for each value in the order of `bindTerms`.
  var terms: [String] {
    var terms: [String] = []
    if rule != nil { terms.append("s.rule = ?") }
    if market != nil { terms.append("s.market = ?") }
    if token != nil { terms.append("s.token = ?") }
    if user != nil { terms.append("s.user = ?") }
    if since != nil { terms.append("s.t >= ?") }
    if until != nil { terms.append("s.t < ?") }
    if let minimumSeverity, minimumSeverity != .info {
      let names = Severity.allCases.filter { $0 >= minimumSeverity }.map { "'\($0.name)'" }
      terms.append("s.severity IN (\(names.joined(separator: ", ")))")
    }
    return terms
  }

  /// Binds the values of `terms`.
  func bindTerms(to statement: Statement) {
    for text in [rule, market, token, user] {
      if let text { statement.bind(text) }
    }
    if let since { statement.bind(since) }
    if let until { statement.bind(until) }
  }

  /// The filter as SQL over `signals s`, with a parameter for each value in the order of `bind`.
  var condition: String {
    let all = terms.isEmpty ? "" : "WHERE " + terms.joined(separator: " AND ")
    if limit == nil { return all }
    return "WHERE s.n IN (SELECT s.n FROM signals s \(all) ORDER BY s.n DESC LIMIT ?)"
  }

  func bind(to statement: Statement) {
    bindTerms(to: statement)
    if let limit { statement.bind(Int64(max(limit, 0))) }
  }
}
