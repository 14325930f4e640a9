/// Where a feed stands, for people and programs that watch it.
public struct FeedStatus: Sendable, Equatable {
  /// What it is doing.
  public enum State: String, Sendable, CaseIterable {
    case starting, connecting, subscribing, live, waiting, finished, failed
  }

  /// The name from the configuration.
  public var name: String
  /// `polymarket`, `dome` or `file`.
  public var kind: String
  /// What it is doing.
  public var state = State.starting
  /// Since when the connection is up, ms since 1970 by the wall clock; nil when it is down.
  public var connectedSince: Int64?
  /// When the last message with an order came, ms since 1970 by the wall clock.
  public var lastPayload: Int64?
  /// Connections made after the first.
  public var reconnects: UInt64 = 0
  /// Subscriptions that had lapsed and were made again.
  public var resubscriptions: UInt64 = 0
  /// Messages received on the stream.
  public var messages: UInt64 = 0
  /// Orders of this feed that reached the rules, from stream and REST.
  public var orders: UInt64 = 0
  /// Repeats that were dropped.
  public var duplicates: UInt64 = 0
  /// Messages that could not be read.
  public var rejected: UInt64 = 0
  /// Stretches of the stream that were lost.
  public var gaps: UInt64 = 0
  /// Lost stretches that are not yet known to be filled.
  public var openGaps: UInt64 = 0
  /// Orders of lost stretches that REST brought.
  public var backfilled: UInt64 = 0
  /// Orders that the stream lost without a disconnect and the audit found.
  public var auditFound: UInt64 = 0
  /// Second fills equal in every field that REST told apart.
  public var twins: UInt64 = 0
  /// REST requests, and those that failed.
  public var restRequests: UInt64 = 0
  /// REST requests that failed and were tried again.
  public var restErrors: UInt64 = 0
  /// The longest that REST has been seen to lag behind the stream, ms.
  public var worstRestLag: Int64 = 0
  /// Everything up to this event time has been checked against REST, ms since 1970; nil before the first audit.
  public var audited: Int64?
  /// The last trouble in one line; empty when there was none.
  public var lastError = ""

  /// A feed that has not begun.
  public init(name: String, kind: String) {
    self.name = name
    self.kind = kind
  }
}
