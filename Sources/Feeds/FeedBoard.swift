import Glibc
import Synchronization

/// What is known of a running feed: the feed writes its side, the engine what became of its orders.
public final class FeedBoard: Sendable {
  /// Number of the feed, from 1; orders and messages carry it.
  public let source: UInt16
  private let status: Mutex<FeedStatus>
  private let newest = Atomic<Int64>(.min)
  /// How far a venue's clock may be ahead of ours, ms.
  private static let longestAhead: Int64 = 300_000

  /// The board of a feed that has not begun.
  public init(source: UInt16, settings: FeedSettings) {
    self.source = source
    status = Mutex(FeedStatus(name: settings.name, kind: settings.kindName))
  }

  /// The name from the configuration.
  public var name: String { status.withLock { $0.name } }

  /// The feed as it stands now.
  public var snapshot: FeedStatus { status.withLock { $0 } }

  /// Whether a stretch of the feed is being lost now: then a silence says nothing about the venue.
  public var isDown: Bool {
    switch snapshot.state {
    case .starting, .connecting, .subscribing, .waiting: true
    case .live, .finished, .failed: false
    }
  }

  /// Changes what is known.
  public func update(_ change: (inout FeedStatus) -> Void) { status.withLock { change(&$0) } }

  /// Event time of the newest order of this feed that is stored, ms; nil before the first.
  public var newestTime: Int64? {
    let time = newest.load(ordering: .relaxed)
    return time == .min ? nil : time
  }

  /// Notes that orders up to an event time are stored.
  ///
  /// A time that lies ahead of the wall is a venue's mistake: taken for the clock it would end every audit.
  public func noteStored(_ time: Int64) {
    if time > FeedClock.wall() + FeedBoard.longestAhead { return }
    _ = newest.max(time, ordering: .relaxed)
  }
}

/// The two clocks of a feed: one that never goes back for its decisions, the wall's for people.
enum FeedClock {
  /// Monotonic nanoseconds.
  static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  /// Milliseconds since 1970 by the wall clock.
  static func wall() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }
}

extension Duration {
  /// Whole nanoseconds, from nought to what fits.
  var nanoseconds: UInt64 {
    let (seconds, attoseconds) = components
    if seconds < 0 || seconds > 1_000_000_000 { return seconds < 0 ? 0 : .max / 4 }
    return UInt64(seconds) * 1_000_000_000 + UInt64(max(attoseconds, 0)) / 1_000_000_000
  }

  /// Whole milliseconds.
  public var milliseconds: Int64 { Int64(nanoseconds / 1_000_000) }
}
