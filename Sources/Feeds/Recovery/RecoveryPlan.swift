import COrderFlow

/// What has to be read by REST, from where on, and what a read has proved.
///
/// A stretch of the stream that was lost is a gap. It is filled when a read that began late enough after the
/// stream was back has come to its end: REST lags behind the stream, so an earlier read proves nothing. The
/// watermark is the event time up to which that holds for everything, gap or not. Pure: every method takes the
/// time, in monotonic nanoseconds; event times are ms.
struct RecoveryPlan {
  /// A stretch that was lost.
  struct Gap: Equatable {
    /// Event time of the last order before it.
    var from: Int64
    /// Event time of the first orders after it, as far as they are known.
    var to: Int64
    /// When the stream was back; nil while it is down.
    var backAt: UInt64?
    /// Whether orders that came after it have said where it ends; until then it has no end.
    var isEnded = false
    /// Whether any order has come since.
    var isFollowed = false
    /// Whether its end has been told.
    var isTold = false
  }

  /// A read that is due.
  struct Read: Equatable {
    /// Orders from this event time on.
    var since: Int64
    var startedAt: UInt64
  }

  /// What a finished read has proved.
  struct Proof: Equatable {
    /// Gaps that are filled now.
    var filled: [Gap] = []
    /// The watermark when it rose.
    var audited: Int64?
  }

  /// Everything up to here is known to be complete.
  private(set) var watermark: Int64?
  /// Lost stretches that are not filled.
  private(set) var gaps: [Gap] = []
  /// The longest that REST has been seen to lag, nanoseconds.
  private(set) var worstLag: UInt64 = 0
  private let settings: RecoverySettings
  /// The event clock over the last minutes, oldest first.
  private var history: [(at: UInt64, clock: Int64)] = []
  private var nextReadAt: UInt64?
  private var hasBegun = false
  /// Where the newest gap ends as far as is known.
  private var lastEnd: Int64?
  /// Reads in a row that failed.
  private var failures: UInt64 = 0

  /// How long the history of the clock is kept: the longest lag that is believed.
  private static let longestLag: UInt64 = 600 * 1_000_000_000
  private static let sampleEvery: UInt64 = 100_000_000
  private static let retryAfter: UInt64 = 2_000_000_000
  /// What came so soon after a stream was back may have waited in the queue since before it was lost.
  private static let settling: UInt64 = 1_000_000_000
  /// Further gaps are joined with their neighbours.
  static let maximumGaps = 64

  /// Goes on from what the journal holds: its watermark, and its newest order of this feed.
  init(_ settings: RecoverySettings, audited: Int64?, newestStored: Int64?) {
    self.settings = settings
    watermark = audited
    if let newestStored {
      // Nothing was heard since the process before this one ended.
      gaps = [Gap(from: min(newestStored, audited ?? newestStored), to: newestStored, backAt: nil)]
      hasBegun = true
    }
  }

  private var overlap: Int64 { settings.overlap.milliseconds }

  /// How long after an order a read must begin to be sure to see it.
  var margin: UInt64 { max(settings.margin.nanoseconds, worstLag * 2) }

  // MARK: What happens to the stream

  /// Notes where the event clock of this feed stands.
  mutating func sample(_ now: UInt64, clock: Int64) {
    if !hasBegun {
      // Nobody heard what came before the first order: it is read back a little way.
      hasBegun = true
      if gaps.isEmpty {
        gaps = [Gap(from: clock - overlap, to: clock, backAt: now, isEnded: true, isTold: true)]
      }
      nextReadAt = now
    }
    end(now, clock)
    if let last = history.last, now < last.at + RecoveryPlan.sampleEvery { return }
    history.append((now, clock))
    if let first = history.first, now - first.at > kept {
      history.removeFirst(history.count / 4)
    }
  }

  /// How long the clock's history is kept: what a margin asks for, also when a quarter has just been dropped.
  private var kept: UInt64 { 2 * max(2 * RecoveryPlan.longestLag, settings.margin.nanoseconds) }

  /// Gaps end where the orders after them begin.
  private mutating func end(_ now: UInt64, _ clock: Int64) {
    for place in gaps.indices where !gaps[place].isEnded {
      guard let backAt = gaps[place].backAt else { continue }
      let isSettled = now >= backAt + RecoveryPlan.settling
      if clock > gaps[place].to, !isSettled || !gaps[place].isFollowed {
        gaps[place].to = clock
        gaps[place].isFollowed = true
        lastEnd = max(lastEnd ?? .min, clock)
      }
      gaps[place].isEnded = isSettled && gaps[place].isFollowed
    }
  }

  /// The gaps whose end has become known since this was last asked.
  mutating func takeEnded() -> [Gap] {
    var ended: [Gap] = []
    for place in gaps.indices where gaps[place].isEnded && !gaps[place].isTold {
      gaps[place].isTold = true
      ended.append(gaps[place])
    }
    return ended
  }

  /// Notes that the stream is down or silent, with the event clock at `clock`; returns the new gap.
  ///
  /// While the stream is down REST is read every so often in its place.
  mutating func lost(_ now: UInt64, clock: Int64?) -> Gap? {
    guard hasBegun else { return nil }
    if nextReadAt == nil { nextReadAt = now + (settings.auditEvery?.nanoseconds ?? margin) }
    guard let clock else { return nil }
    if let last = gaps.last, last.backAt == nil { return nil }
    end(now, clock)
    if let last = gaps.indices.last { gaps[last].isEnded = true }
    // Without an order since the last gap this one begins right behind it: the journal knows gaps by their start.
    let from = max(clock, lastEnd.map { $0 + 1 } ?? clock)
    let gap = Gap(from: from, to: from, backAt: nil)
    join()
    gaps.append(gap)
    lastEnd = from
    return gap
  }

  /// Makes room for another gap. The two oldest become one, which is filled when both would be.
  private mutating func join() {
    guard gaps.count >= RecoveryPlan.maximumGaps else { return }
    let first = gaps.removeFirst()
    gaps[0].from = min(first.from, gaps[0].from)
  }

  /// Notes that the stream is back; returns the gap that ends here. A read is due at once.
  mutating func back(_ now: UInt64, clock: Int64?) -> Gap? {
    nextReadAt = hasBegun ? now : nil
    guard let last = gaps.indices.last, gaps[last].backAt == nil else { return nil }
    gaps[last].backAt = now
    gaps[last].to = max(gaps[last].to, clock ?? gaps[last].to)
    lastEnd = max(lastEnd ?? .min, gaps[last].to)
    return gaps[last]
  }

  // MARK: Reads

  /// The read that is due, if one is.
  mutating func nextRead(_ now: UInt64) -> Read? {
    guard settings.url != nil, let nextReadAt, now >= nextReadAt else { return nil }
    let starts = gaps.map(\.from) + (watermark.map { [$0] } ?? [])
    guard let start = starts.min() else { return nil }
    self.nextReadAt = nil
    // Venue times are whole seconds: of the last one some orders may have come and some not.
    return Read(since: start - max(overlap, 1000), startedAt: now)
  }

  /// How an order of a read counts: part of a gap, or found by the audit.
  func origin(ofTime time: Int64) -> UInt8 {
    // Venue times are whole seconds, and orders do not come in their order.
    let slack: Int64 = 5_000
    let isInGap = gaps.contains { gap in
      time >= gap.from - max(slack, hasWatermark ? 0 : overlap)
        && (gap.backAt == nil || !gap.isEnded || time <= gap.to + slack)
    }
    return UInt8(isInGap ? BB_ORIGIN_BACKFILL : BB_ORIGIN_AUDIT)
  }

  private var hasWatermark: Bool { watermark != nil }

  /// Notes the end of a read: `newest` is the event time of the newest order it saw.
  mutating func finished(_ read: Read, isComplete: Bool, newest: Int64?, now: UInt64) -> Proof {
    guard isComplete else {
      // A venue that refuses is not asked again and again at the same pace.
      nextReadAt = now + RecoveryPlan.retryAfter << min(failures, 5)
      failures += 1
      return Proof()
    }
    failures = 0
    noteLag(read, newest)
    var proof = Proof()
    let seenUntil = read.startedAt > margin ? read.startedAt - margin : 0
    gaps.removeAll { gap in
      guard let backAt = gap.backAt, backAt <= seenUntil else { return false }
      proof.filled.append(gap)
      return true
    }
    if let clock = clock(at: seenUntil), clock > watermark ?? .min {
      watermark = clock
      proof.audited = clock
    }
    if let every = settings.auditEvery {
      nextReadAt = now + every.nanoseconds
    } else if !gaps.isEmpty {
      nextReadAt = now + margin
    }
    return proof
  }

  /// REST lags at least as long as it has not shown an order that the stream had brought.
  private mutating func noteLag(_ read: Read, _ newest: Int64?) {
    // An empty answer shows nothing of what the stream has brought since the read's beginning.
    let newest = newest ?? read.since
    guard let later = history.first(where: { $0.clock > newest + 1000 }), later.at < read.startedAt
    else { return }
    worstLag = min(max(worstLag, read.startedAt - later.at), RecoveryPlan.longestLag)
  }

  /// Where the event clock stood at a moment; nil when that is before the history.
  private func clock(at moment: UInt64) -> Int64? {
    history.last { $0.at <= moment }?.clock
  }
}
