public import NIOCore

/// A source of events. It runs until it is cancelled, survives what a network does, and loses nothing silently.
public protocol Feed: Sendable {
  /// The name from the configuration.
  var name: String { get }

  /// Sends what comes into the outlet until the task is cancelled or the source has ended.
  func run(into outlet: any FeedOutlet) async throws(FeedError)

  /// Subscribes anew on the connection at hand, because the watch list has changed.
  func refresh()
}

extension Feed {
  /// Most feeds do not depend on the watch list.
  public func refresh() {}
}

/// Where feeds put what they bring: a bounded queue to the engine.
public protocol FeedOutlet: Sendable {
  /// Puts an item in, and waits while there is no room. Throws `CancellationError` when nobody takes any more.
  func send(_ item: FeedItem) async throws(CancellationError)
}

/// What a feed brings, in its order.
public enum FeedItem: Sendable {
  /// One message of the stream as it came.
  case message(FeedMessage)
  /// Orders of one REST read, in the order of their time.
  case rows(RowBatch)
  /// A stretch of the stream was lost, or is now known to be filled.
  case gap(FeedGap)
  /// REST has confirmed everything up to an event time.
  case audited(source: UInt16, time: Int64)
}

/// One message of a stream.
public struct FeedMessage: Sendable {
  /// Number of the feed.
  public var source: UInt16
  /// The message's bytes.
  public var bytes: ByteBuffer
  /// When it was received, monotonic nanoseconds.
  public var receivedAt: UInt64

  /// A message as it came.
  public init(source: UInt16, bytes: ByteBuffer, receivedAt: UInt64) {
    self.source = source
    self.bytes = bytes
    self.receivedAt = receivedAt
  }
}

/// A stretch of a stream that was lost, by event time.
public struct FeedGap: Sendable, Equatable {
  /// Number of the feed.
  public var source: UInt16
  /// Event time of the last order before it, ms since 1970.
  public var from: Int64
  /// Event time of the first order after it, or as far as it reaches so far, ms since 1970.
  public var to: Int64
  /// Whether REST has filled it, and was read later than its worst lag.
  public var isBackfilled: Bool
  /// Whether orders that came after it have said where it ends.
  public var isEnded: Bool

  /// A lost stretch.
  public init(source: UInt16, from: Int64, to: Int64, isBackfilled: Bool, isEnded: Bool = true) {
    self.source = source
    self.from = from
    self.to = to
    self.isBackfilled = isBackfilled
    self.isEnded = isEnded
  }
}
