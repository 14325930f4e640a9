public import OrderFlow

/// Which signals a webhook is sent; everything unset lets all pass.
public struct WebhookFilter: Equatable, Sendable {
  /// Only signals of this rule.
  public var rule: String?
  /// Only signals about this market.
  public var market: String?
  /// Only signals about this outcome token.
  public var token: String?
  /// Only signals about this wallet.
  public var user: String?
  /// Only signals at least this severe.
  public var minimumSeverity = Severity.info

  /// A filter that lets all signals pass.
  public init() {}

  /// Whether the signal is to be sent.
  public func passes(_ signal: borrowing Signal) -> Bool {
    if signal.severity < minimumSeverity { return false }
    if let rule, rule != signal.rule { return false }
    if let market, market != signal.market { return false }
    if let token, token != signal.token { return false }
    if let user, user != signal.user { return false }
    return true
  }
}
