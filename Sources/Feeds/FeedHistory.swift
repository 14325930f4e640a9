/// What an earlier run left of a feed.
public struct FeedHistory: Sendable, Equatable {
  /// Everything up to this event time was checked against REST, ms; nil when nothing was.
  public var audited: Int64?
  /// Event time of the newest stored order of the feed, ms; nil when there is none.
  public var newestStored: Int64?

  /// What is known; nothing for a new feed.
  public init(audited: Int64? = nil, newestStored: Int64? = nil) {
    self.audited = audited
    self.newestStored = newestStored
  }
}
