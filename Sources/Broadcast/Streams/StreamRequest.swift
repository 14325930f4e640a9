import Journal

/// What a subscriber wants to hear.
struct StreamRequest: Sendable, Equatable {
  /// Which signals.
  var filter = SignalFilter()
  /// What else.
  var topics: Set<StreamTopic> = []
  /// The number of the last signal that it has; nil: only what comes from now on.
  var after: Int64?
}

/// What a stream tells besides signals; these messages are not kept, and have no number.
public enum StreamTopic: String, Sendable, CaseIterable {
  /// Calls of rules that failed.
  case errors
  /// Feeds that connect, lose the connection, lose or find orders.
  case feeds
  /// Attempts to change the rule set.
  case reloads

  /// The `type` of its messages.
  var messageType: StaticString {
    switch self {
    case .errors: "rule_error"
    case .feeds: "feed"
    case .reloads: "reload"
    }
  }
}
