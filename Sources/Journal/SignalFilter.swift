public import OrderFlow

/// Which signals to read; everything unset lets all pass.
public struct SignalFilter: Equatable, Sendable {
  /// Only signals of this rule.
  public var rule: String?
  /// Only signals of events at or after this time, ms since 1970 UTC.
  public var since: Int64?
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

  /// The filter as SQL over `signals s`, with a parameter for each value in the order of `bind`.
  var condition: String {
    var terms: [String] = []
    if rule != nil { terms.append("s.rule = ?") }
    if since != nil { terms.append("s.t >= ?") }
    if let minimumSeverity, minimumSeverity != .info {
      let names = Severity.allCases.filter { $0 >= minimumSeverity }.map { "'\($0.name)'" }
      terms.append("s.severity IN (\(names.joined(separator: ", ")))")
    }
    let all = terms.isEmpty ? "" : "WHERE " + terms.joined(separator: " AND ")
    if limit == nil { return all }
    return "WHERE s.n IN (SELECT s.n FROM signals s \(all) ORDER BY s.n DESC LIMIT ?)"
  }

  func bind(to statement: Statement) {
    if let rule { statement.bind(rule) }
    if let since { statement.bind(since) }
    if let limit { statement.bind(Int64(max(limit, 0))) }
  }
}
