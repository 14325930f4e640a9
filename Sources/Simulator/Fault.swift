/// Something that goes wrong at a venue.
public enum Fault: String, CaseIterable, Hashable, Sendable {
  /// The connection ends abruptly, with a TCP reset.
  case drop
  /// Nothing more is sent on the connection, pings are still answered, until the client subscribes again.
  case freeze
  /// The subscriptions of the connection lapse silently; a new one works.
  case expire
  /// The last 5 to 50 orders are sent a second time.
  case duplicate
  /// A stretch of 2 to 50 orders is shuffled.
  case reorder
  /// A stretch is held back for 0.2 to 2 seconds.
  case delay
  /// Half a message is sent, then the connection ends.
  case cut
  /// A frame of random bytes or of broken JSON is sent.
  case garbage
  /// The bytes dribble for 0.3 to 1 second.
  case slow
  /// The venue restarts: connections are closed, and handshakes answered with 503 for 0.5 to 2 seconds from the
  /// first one on.
  case refuse
  /// The next REST request is answered with 429.
  case rest429
  /// The next REST request is answered with 503.
  case rest503

  /// Whether it hits REST requests rather than connections.
  var isREST: Bool { self == .rest429 || self == .rest503 }
}
