import COrderFlow
import Testing

@testable import Feeds

/// Event times are in ms and begin at 1,000,000; the monotonic clock is written in seconds.
@Suite struct RecoveryPlanTests {
  private static let second: UInt64 = 1_000_000_000
  private static let backfill = UInt8(BB_ORIGIN_BACKFILL)
  private static let audit = UInt8(BB_ORIGIN_AUDIT)

  private static func at(_ seconds: Double) -> UInt64 { UInt64(seconds * 1e9) + 1_000 * second }

  private static func plan(
    audited: Int64? = nil, newestStored: Int64? = nil, _ change: (inout RecoverySettings) -> Void = { _ in }
  ) -> RecoveryPlan {
    var settings = RecoverySettings(url: "http://x", requestsPerSecond: 1)
    change(&settings)
    return RecoveryPlan(settings, audited: audited, newestStored: newestStored)
  }

  /// A plan whose stream has brought an order a second until `now`, and whose first gap is filled.
  private static func steady(until now: Int, _ change: (inout RecoverySettings) -> Void = { _ in })
    -> RecoveryPlan
  {
    var plan = plan(change)
    flow(&plan, 0, now)
    if let read = plan.nextRead(at(Double(now))) {
      _ = plan.finished(read, isComplete: true, newest: time(now), now: at(Double(now)))
    }
    return plan
  }

  private static func time(_ second: Int) -> Int64 { 1_000_000 + Int64(second) * 1000 }

  private static func flow(_ plan: inout RecoveryPlan, _ from: Int, _ to: Int) {
    for second in from...to { plan.sample(at(Double(second)), clock: time(second)) }
  }

  /// Everything that is due until `end` is read at once, to the end, with what the stream has.
  private static func readOn(_ plan: inout RecoveryPlan, from start: Int, to end: Int, newest: Int64)
    -> RecoveryPlan.Proof
  {
    var all = RecoveryPlan.Proof()
    for second in start...end {
      guard let read = plan.nextRead(at(Double(second))) else { continue }
      let proof = plan.finished(read, isComplete: true, newest: newest, now: at(Double(second)))
      all.filled += proof.filled
      all.audited = proof.audited ?? all.audited
    }
    return all
  }

  // MARK: Beginning

  @Test("before the first order nothing is read and nothing can be lost")
  func nothingYet() {
    var plan = Self.plan()
    #expect(plan.nextRead(Self.at(100)) == nil)
    #expect(plan.lost(Self.at(100), clock: nil) == nil)
    #expect(plan.back(Self.at(101), clock: nil) == nil)
    #expect(plan.nextRead(Self.at(200)) == nil)
  }

  @Test("at the very first order a little is read back, as a gap")
  func firstStart() {
    var plan = Self.plan()
    plan.sample(Self.at(0), clock: Self.time(0))
    #expect(plan.gaps.map(\.from) == [Self.time(-30)])
    #expect(plan.nextRead(Self.at(0)) == RecoveryPlan.Read(since: Self.time(-60), startedAt: Self.at(0)))
    #expect(plan.origin(ofTime: Self.time(-20)) == Self.backfill)
  }

  @Test("after a restart the stretch since the newest stored order is a gap until it is filled")
  func restart() {
    var plan = Self.plan(newestStored: Self.time(0))
    #expect(plan.gaps == [RecoveryPlan.Gap(from: Self.time(0), to: Self.time(0), backAt: nil)])
    #expect(plan.back(Self.at(0), clock: nil)?.from == Self.time(0))
    let read = plan.nextRead(Self.at(0))
    #expect(read?.since == Self.time(-30))
    // Nobody knows how long nobody listened: everything later belongs to the gap.
    #expect(plan.origin(ofTime: Self.time(3_000)) == Self.backfill)
  }

  @Test("after a restart reading begins where the last run had checked everything, not at its newest order")
  func restartBehindWatermark() {
    var plan = Self.plan(audited: Self.time(-500), newestStored: Self.time(0))
    #expect(plan.watermark == Self.time(-500))
    _ = plan.back(Self.at(0), clock: nil)
    #expect(plan.nextRead(Self.at(0))?.since == Self.time(-530))
  }

  // MARK: Gaps

  @Test("a gap is filled only by a read that began a margin after the stream was back")
  func margin() {
    var plan = Self.steady(until: 100)
    #expect(plan.gaps.isEmpty)
    #expect(plan.lost(Self.at(101), clock: Self.time(100))?.from == Self.time(100))
    #expect(plan.back(Self.at(120), clock: Self.time(100))?.backAt == Self.at(120))
    Self.flow(&plan, 121, 160)
    let early = RecoveryPlan.Read(since: Self.time(70), startedAt: Self.at(134.9))
    #expect(plan.finished(early, isComplete: true, newest: Self.time(134), now: Self.at(136)).filled.isEmpty)
    #expect(plan.gaps.count == 1)
    let late = RecoveryPlan.Read(since: Self.time(70), startedAt: Self.at(135))
    let proof = plan.finished(late, isComplete: true, newest: Self.time(135), now: Self.at(136))
    #expect(proof.filled.map(\.from) == [Self.time(100)])
    #expect(plan.gaps.isEmpty)
  }

  @Test("a gap reaches to the first order after it, so that what was lost in it counts as backfilled")
  func reach() {
    var plan = Self.steady(until: 100)
    _ = plan.lost(Self.at(101), clock: Self.time(100))
    // A read while the stream is down, or right after: nobody knows yet where the gap ends.
    #expect(plan.origin(ofTime: Self.time(160)) == Self.backfill)
    _ = plan.back(Self.at(200), clock: Self.time(100))
    #expect(plan.origin(ofTime: Self.time(190)) == Self.backfill)
    Self.flow(&plan, 200, 230)
    #expect(plan.gaps.last.map { (Self.time(200)...Self.time(201)).contains($0.to) } == true)
    #expect(plan.origin(ofTime: Self.time(190)) == Self.backfill)
    #expect(plan.origin(ofTime: Self.time(220)) == Self.audit)
    #expect(plan.origin(ofTime: Self.time(90)) == Self.audit)
  }

  @Test("the end of a gap is told once, when orders that came after it have said where it is")
  func ended() {
    var plan = Self.steady(until: 100)
    #expect(plan.takeEnded() == [])
    _ = plan.lost(Self.at(100), clock: Self.time(100))
    Self.flow(&plan, 101, 102)
    #expect(plan.takeEnded() == [], "REST goes on while the stream is down")
    _ = plan.back(Self.at(103), clock: Self.time(102))
    plan.sample(Self.at(103.5), clock: Self.time(110))
    #expect(plan.takeEnded() == [])
    Self.flow(&plan, 111, 112)
    #expect(plan.takeEnded().map(\.to) == [Self.time(110)])
    Self.flow(&plan, 113, 114)
    #expect(plan.takeEnded() == [])
  }

  @Test("orders that still waited in the queue when the stream came back do not end the gap")
  func queued() {
    var plan = Self.steady(until: 100)
    _ = plan.lost(Self.at(101), clock: Self.time(100))
    _ = plan.back(Self.at(160), clock: Self.time(100))
    plan.sample(Self.at(160.2), clock: Self.time(101))
    plan.sample(Self.at(160.5), clock: Self.time(160))
    Self.flow(&plan, 162, 170)
    #expect(plan.gaps.last?.to == Self.time(160))
  }

  @Test("on a quiet stream the first order ends the gap, and no later one stretches it")
  func quiet() {
    var plan = Self.steady(until: 100)
    _ = plan.lost(Self.at(101), clock: Self.time(100))
    _ = plan.back(Self.at(110), clock: Self.time(100))
    plan.sample(Self.at(150), clock: Self.time(149))
    plan.sample(Self.at(900), clock: Self.time(900))
    #expect(plan.gaps.last?.to == Self.time(149))
  }

  @Test("losing what is lost already is no second gap")
  func lostTwice() {
    var plan = Self.steady(until: 100)
    #expect(plan.lost(Self.at(101), clock: Self.time(100)) != nil)
    #expect(plan.lost(Self.at(102), clock: Self.time(100)) == nil)
    #expect(plan.gaps.count == 1)
  }

  @Test("a flapping stream has one gap after another, each with a start of its own, and bounded in number")
  func flapping() {
    var plan = Self.steady(until: 100)
    var starts: Set<Int64> = []
    for round in 0..<1_000 {
      let now = 101 + Double(round) / 10
      if let gap = plan.lost(Self.at(now), clock: Self.time(100)) { starts.insert(gap.from) }
      _ = plan.back(Self.at(now + 0.05), clock: Self.time(100))
    }
    #expect(starts.count == 1_000)
    #expect(plan.gaps.count <= RecoveryPlan.maximumGaps)
    #expect(plan.gaps.map(\.from).min() == Self.time(100))
    // A gap that is filled must not reach into one that is not: the journal goes by where they end.
    for (gap, next) in zip(plan.gaps, plan.gaps.dropFirst()) { #expect(gap.to < next.to) }
    // The last was back at 201 s: nothing proves more than what was back a margin before the read.
    let read = RecoveryPlan.Read(since: 0, startedAt: Self.at(215))
    let proof = plan.finished(read, isComplete: true, newest: Self.time(100), now: Self.at(216))
    #expect(!proof.filled.isEmpty && !plan.gaps.isEmpty)
    #expect(plan.gaps.allSatisfy { $0.backAt.map { $0 > Self.at(200) } == true })
  }

  @Test("while the stream is down reads go on, and fill nothing", arguments: [10, nil])
  func longDown(audit: Int?) {
    var plan = Self.steady(until: 100) { $0.auditEvery = audit.map { .seconds($0) } }
    _ = plan.lost(Self.at(101), clock: Self.time(100))
    var reads = 0
    for second in 102...400 {
      guard let read = plan.nextRead(Self.at(Double(second))) else { continue }
      reads += 1
      #expect(read.since <= Self.time(70))
      let clock = Self.time(second - 2)
      plan.sample(Self.at(Double(second)), clock: clock)
      let proof = plan.finished(read, isComplete: true, newest: clock, now: Self.at(Double(second)))
      #expect(proof.filled.isEmpty)
    }
    #expect(reads >= 15)
    _ = plan.back(Self.at(401), clock: Self.time(399))
    #expect(plan.nextRead(Self.at(401)) != nil)
  }

  // MARK: Reads

  @Test("with auditEvery nil nothing is read without a gap, and a gap is read until it is filled")
  func noAudit() {
    var plan = Self.steady(until: 100) { $0.auditEvery = nil }
    #expect(Self.readOn(&plan, from: 101, to: 300, newest: Self.time(100)) == RecoveryPlan.Proof())
    _ = plan.lost(Self.at(301), clock: Self.time(100))
    _ = plan.back(Self.at(302), clock: Self.time(100))
    #expect(Self.readOn(&plan, from: 302, to: 350, newest: Self.time(100)).filled.count == 1)
    #expect(plan.nextRead(Self.at(1_000)) == nil)
  }

  @Test("a read that failed proves nothing, and is tried again after longer and longer pauses")
  func incomplete() {
    var plan = Self.steady(until: 100)
    _ = plan.lost(Self.at(101), clock: Self.time(100))
    _ = plan.back(Self.at(102), clock: Self.time(100))
    let before = plan.watermark
    var now = 200
    var pauses: [Int] = []
    for _ in 0..<10 {
      let read = RecoveryPlan.Read(since: 0, startedAt: Self.at(Double(now)))
      let proof = plan.finished(read, isComplete: false, newest: Self.time(150), now: Self.at(Double(now)))
      #expect(proof == RecoveryPlan.Proof())
      let failedAt = now
      while plan.nextRead(Self.at(Double(now))) == nil { now += 1 }
      pauses.append(now - failedAt)
    }
    #expect(pauses == [2, 4, 8, 16, 32, 64, 64, 64, 64, 64])
    #expect(plan.watermark == before && plan.gaps.count == 1)
  }

  @Test("a feed without REST never reads")
  func noREST() {
    var plan = Self.plan(newestStored: Self.time(0)) { $0.url = nil }
    _ = plan.back(Self.at(0), clock: nil)
    #expect(plan.nextRead(Self.at(100)) == nil)
  }

  @Test("without an overlap the last second is still read again: some of its orders may be missing")
  func noOverlap() {
    var plan = Self.plan(newestStored: Self.time(0)) { $0.overlap = .zero }
    _ = plan.back(Self.at(0), clock: nil)
    #expect(plan.nextRead(Self.at(0)).map { $0.since < Self.time(0) } == true)
  }

  // MARK: The watermark

  @Test("the watermark stays a margin behind the beginning of the read")
  func watermark() {
    var plan = Self.plan()
    Self.flow(&plan, 0, 100)
    let read = RecoveryPlan.Read(since: 0, startedAt: Self.at(100))
    let proof = plan.finished(read, isComplete: true, newest: Self.time(100), now: Self.at(101))
    #expect(proof.audited == Self.time(85))
    #expect(plan.watermark == Self.time(85))
  }

  @Test("a read right after the start proves nothing yet")
  func early() {
    var plan = Self.plan()
    Self.flow(&plan, 0, 10)
    let read = RecoveryPlan.Read(since: 0, startedAt: Self.at(10))
    #expect(plan.finished(read, isComplete: true, newest: Self.time(10), now: Self.at(11)).audited == nil)
  }

  @Test("the watermark never goes back, and a read later than the last does not raise it on a still clock")
  func monotone() {
    var plan = Self.steady(until: 100)
    let before = plan.watermark
    let old = RecoveryPlan.Read(since: 0, startedAt: Self.at(50))
    #expect(plan.finished(old, isComplete: true, newest: Self.time(50), now: Self.at(101)).audited == nil)
    #expect(plan.watermark == before)
    #expect(Self.readOn(&plan, from: 300, to: 300, newest: Self.time(100)).audited == Self.time(100))
    #expect(Self.readOn(&plan, from: 400, to: 400, newest: Self.time(100)).audited == nil)
  }

  @Test("what REST has not shown although the stream had it raises the margin to twice that lag")
  func lag() {
    var plan = Self.plan()
    Self.flow(&plan, 0, 100)
    // The order of second 82 was there at 82 s; REST showed nothing after 80 at 100 s: it lags 18 s at least.
    let read = RecoveryPlan.Read(since: 0, startedAt: Self.at(100))
    let proof = plan.finished(read, isComplete: true, newest: Self.time(80), now: Self.at(101))
    #expect(plan.worstLag == 18 * Self.second)
    #expect(plan.margin == 36 * Self.second)
    #expect(proof.audited == Self.time(64))
  }

  @Test("an empty answer of a stream that was busy is a lag too, and proves nothing")
  func empty() {
    var plan = Self.plan()
    Self.flow(&plan, 0, 100)
    let read = RecoveryPlan.Read(since: Self.time(-60), startedAt: Self.at(100))
    let proof = plan.finished(read, isComplete: true, newest: nil, now: Self.at(101))
    #expect(plan.worstLag == 100 * Self.second)
    #expect(proof == RecoveryPlan.Proof())
  }

  @Test("an empty answer of a stream that was quiet is none")
  func emptyAndQuiet() {
    var plan = Self.steady(until: 100) { $0.overlap = .zero }
    _ = Self.readOn(&plan, from: 300, to: 300, newest: Self.time(100))
    let read = RecoveryPlan.Read(since: Self.time(99), startedAt: Self.at(400))
    _ = plan.finished(read, isComplete: true, newest: nil, now: Self.at(401))
    #expect(plan.worstLag == 0)
  }

  @Test("the lag that is believed is bounded, and audits then still go on")
  func longestLag() {
    var plan = Self.plan()
    for second in stride(from: 0, through: 6_000, by: 1) {
      plan.sample(Self.at(Double(second)), clock: Self.time(second))
    }
    let stuck = RecoveryPlan.Read(since: 0, startedAt: Self.at(6_000))
    _ = plan.finished(stuck, isComplete: true, newest: Self.time(0), now: Self.at(6_000))
    #expect(plan.worstLag <= 600 * Self.second)
    #expect(plan.watermark.map { $0 <= Self.time(4_800) } == true)
  }

  @Test("a margin longer than the longest lag is kept too")
  func longMargin() {
    var plan = Self.plan { $0.margin = .seconds(3_000) }
    for second in stride(from: 0, through: 20_000, by: 1) {
      plan.sample(Self.at(Double(second)), clock: Self.time(second))
    }
    let read = RecoveryPlan.Read(since: 0, startedAt: Self.at(20_000))
    let proof = plan.finished(read, isComplete: true, newest: Self.time(20_000), now: Self.at(20_001))
    #expect(proof.audited == Self.time(17_000))
  }
}
