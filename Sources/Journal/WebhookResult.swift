/// What became of one attempt to deliver.
public struct WebhookResult: Equatable, Sendable {
  /// How it went.
  public enum Outcome: Equatable, Sendable {
    /// It was accepted.
    case delivered
    /// It is to be tried again then, ms since 1970 UTC.
    case retry(at: Int64)
    /// It is given up, ms since 1970 UTC.
    case dead(at: Int64)
  }

  /// The row of the outbox.
  public var delivery: Int64
  /// How it went.
  public var outcome: Outcome
  /// What the receiver answered; nil: nothing.
  public var status: Int?
  /// What went wrong, without secrets; nil when nothing did.
  public var reason: String?

  /// A result.
  public init(delivery: Int64, outcome: Outcome, status: Int?, reason: String?) {
    self.delivery = delivery
    self.outcome = outcome
    self.status = status
    self.reason = reason
  }
}
