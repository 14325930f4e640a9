import Broadcast
import Feeds

extension LiveStatus {
  /// Writes the families of feeds.
  static func write(_ feeds: [FeedStatus], to text: inout PrometheusText) {
    text.family("betterbot_feed_state", .gauge, "1 for the state that the feed is in.") { family in
      for feed in feeds {
        for state in FeedStatus.State.allCases {
          family.sample([("feed", feed.name), ("state", state.rawValue)], feed.state == state)
        }
      }
    }
    func counter(_ name: String, _ help: String, _ value: KeyPath<FeedStatus, UInt64>) {
      text.family("betterbot_feed_\(name)_total", .counter, help) { family in
        for feed in feeds { family.sample([("feed", feed.name)], feed[keyPath: value]) }
      }
    }
    func gauge(_ name: String, _ help: String, _ value: (FeedStatus) -> Double?) {
      text.family("betterbot_feed_\(name)", .gauge, help) { family in
        for feed in feeds {
          if let value = value(feed) { family.sample([("feed", feed.name)], value) }
        }
      }
    }
    counter("reconnects", "Connections made after the first.", \.reconnects)
    counter("resubscriptions", "Subscriptions that had lapsed and were made again.", \.resubscriptions)
    counter("messages", "Messages received on the stream.", \.messages)
    counter("orders", "Orders that reached the rules, from stream and REST.", \.orders)
    counter("duplicates", "Repeats on the stream that were dropped.", \.duplicates)
    counter("rejected", "Messages that could not be read.", \.rejected)
    counter("gaps", "Stretches of the stream that were lost.", \.gaps)
    gauge("open_gaps", "Lost stretches that are not known to be filled.") { Double($0.openGaps) }
    counter("backfilled", "Orders of lost stretches that REST brought.", \.backfilled)
    counter("audit_found", "Orders that the stream lost silently and the audit found.", \.auditFound)
    counter("twins", "Second fills, equal in every field, that REST told apart.", \.twins)
    counter("rest_requests", "Requests to REST.", \.restRequests)
    counter("rest_errors", "Requests that failed and were tried again.", \.restErrors)
    gauge("worst_rest_lag_seconds", "The longest that REST was behind the stream.") {
      seconds($0.worstRestLag)
    }
    gauge("last_order_timestamp_seconds", "When the last message with an order came.") {
      seconds($0.lastPayload)
    }
    gauge("audited_timestamp_seconds", "Event time up to which everything is proven complete.") {
      seconds($0.audited)
    }
  }
}
