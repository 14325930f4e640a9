import Testing

@testable import Pipeline
@testable import Simulator

@Suite struct ReloadScheduleTests {
  /// Nanoseconds.
  private func ms(_ milliseconds: UInt64) -> UInt64 { milliseconds * 1_000_000 }

  /// A schedule that has just asked for a reading, at 200 ms, because of a change at 0 ms.
  private func reading() -> ReloadSchedule {
    var schedule = ReloadSchedule(running: "a")
    #expect(schedule.noticed(0) == .wait(until: ms(200)))
    #expect(schedule.timer(ms(200)) == .read)
    return schedule
  }

  /// A schedule that has just asked for a reading because somebody wants it.
  private func forcedReading() -> ReloadSchedule {
    var schedule = ReloadSchedule(running: "a")
    #expect(schedule.forced() == .read)
    return schedule
  }

  private func read(
    _ schedule: inout ReloadSchedule, _ reading: ReloadSchedule.Reading, isHeld: Bool = false, at time: UInt64
  ) -> ReloadSchedule.Action {
    schedule.read(reading, running: "a", isHeld: isHeld, ms(time))
  }

  // MARK: Quiet

  @Test("a change is read after 200 ms of quiet, and a new version is loaded")
  func simple() {
    var schedule = reading()
    #expect(read(&schedule, .version("b"), at: 210) == .reload)
    #expect(schedule.finished() == .none)
  }

  @Test("a version that was refused is loaded again when what it was held to has changed")
  func forgets() {
    var schedule = reading()
    #expect(read(&schedule, .version("b"), at: 210) == .reload)
    #expect(schedule.finished() == .none)
    for isForgotten in [false, true] {
      #expect(schedule.noticed(ms(1000)) == .wait(until: ms(1200)))
      #expect(schedule.timer(ms(1200)) == .read)
      if isForgotten { schedule.forget() }
      #expect(read(&schedule, .version("b"), at: 1210) == (isForgotten ? .reload : .none))
    }
  }

  @Test("each further change begins the quiet time anew")
  func quiet() {
    var schedule = ReloadSchedule(running: "a")
    #expect(schedule.noticed(ms(0)) == .wait(until: ms(200)))
    #expect(schedule.noticed(ms(150)) == .wait(until: ms(350)))
    #expect(schedule.timer(ms(200)) == .wait(until: ms(350)))
    #expect(schedule.timer(ms(349)) == .wait(until: ms(350)))
    #expect(schedule.timer(ms(350)) == .read)
  }

  @Test("a folder that changes all the time is read after 2 s")
  func unrest() {
    var schedule = ReloadSchedule(running: "a")
    for time in stride(from: 0, through: 1_750, by: 50) { _ = schedule.noticed(ms(UInt64(time))) }
    #expect(schedule.noticed(ms(1_799)) == .wait(until: ms(1_999)))
    #expect(schedule.noticed(ms(1_850)) == .wait(until: ms(2_000)))
    #expect(schedule.noticed(ms(1_990)) == .wait(until: ms(2_000)))
    #expect(schedule.timer(ms(2_000)) == .read)
    // A change during that reading is not waited for once more, but not lost either.
    #expect(schedule.noticed(ms(2_001)) == .none)
    #expect(read(&schedule, .version("b"), at: 2_002) == .reload)
    #expect(schedule.finished() == .wait(until: ms(2_201)))
  }

  @Test(
    "the quiet time can be set; a change is read after ten times that at the latest, and not before 2 s",
    arguments: [(0, 0, 2_000), (100, 100, 2_000), (1_000, 1_000, 10_000)] as [(UInt64, UInt64, UInt64)])
  func otherQuiet(_ quiet: UInt64, _ first: UInt64, _ last: UInt64) {
    var schedule = ReloadSchedule(running: "a", quiet: ms(quiet))
    #expect(schedule.noticed(0) == .wait(until: ms(first)))
    #expect(schedule.noticed(ms(last) - 1) == .wait(until: min(ms(last), ms(last) - 1 + ms(quiet))))
    #expect(schedule.noticed(ms(last)) == .wait(until: ms(last)))
  }

  @Test("no time and no quiet time overflows")
  func overflow() {
    var schedule = ReloadSchedule(running: "a", quiet: .max)
    _ = schedule.noticed(.max)
    _ = schedule.timer(.max)
    _ = schedule.read(.moved, running: "a", isHeld: false, .max)
    #expect(ReloadSchedule(running: "a", quiet: .max).isHeld == false)
  }

  // MARK: What was read

  @Test("what runs already is not loaded again")
  func same() {
    var schedule = reading()
    #expect(read(&schedule, .version("a"), at: 210) == .none)
    #expect(schedule.noticed(ms(300)) == .wait(until: ms(500)))
  }

  @Test("a folder that moved while it was read is read again after quiet, however long it has been moving")
  func moved() {
    var schedule = reading()
    for round in 1..<50 as Range<UInt64> {
      #expect(read(&schedule, .moved, at: round * 400) == .wait(until: ms(round * 400 + 200)))
      #expect(schedule.timer(ms(round * 400 + 200)) == .read)
    }
    #expect(read(&schedule, .version("b"), at: 30_000) == .reload)
  }

  @Test("a version that was refused is not tried again while it is the one on disk")
  func refused() {
    var schedule = reading()
    #expect(read(&schedule, .version("b"), at: 210) == .reload)
    #expect(schedule.finished() == .none)
    _ = schedule.noticed(ms(1_000))
    _ = schedule.timer(ms(1_200))
    #expect(read(&schedule, .version("b"), at: 1_200) == .none)
    #expect(schedule.forced() == .read)
    #expect(read(&schedule, .version("b"), at: 1_300) == .reload)
    #expect(schedule.finished() == .none)
  }

  @Test("a refused version that comes back after another is tried again")
  func refusedAgain() {
    var schedule = ReloadSchedule(running: "a")
    for (version, action) in [("b", .reload), ("a", .none), ("b", .reload)]
      as [(String, ReloadSchedule.Action)]
    {
      _ = schedule.noticed(0)
      _ = schedule.timer(ms(200))
      #expect(read(&schedule, .version(version), at: 200) == action)
      _ = schedule.finished()
    }
  }

  @Test("a version that was taken back stays away until the disk has another")
  func rolledBack() {
    var schedule = ReloadSchedule(running: "b")
    _ = schedule.noticed(0)
    _ = schedule.timer(ms(200))
    #expect(read(&schedule, .version("b"), at: 200) == .none)
    _ = schedule.noticed(ms(300))
    _ = schedule.timer(ms(500))
    #expect(read(&schedule, .version("c"), at: 500) == .reload)
  }

  @Test("why a folder cannot be read is said once, again for another reason, and to everybody who asks")
  func unreadable() {
    var schedule = ReloadSchedule(running: "a")
    func round(_ reading: ReloadSchedule.Reading) -> ReloadSchedule.Action {
      _ = schedule.noticed(0)
      _ = schedule.timer(ms(200))
      let action = read(&schedule, reading, at: 200)
      #expect(schedule.finished() == .none)
      return action
    }
    #expect(round(.unreadable("x")) == .sayUnreadable)
    #expect(round(.unreadable("x")) == .none)
    #expect(round(.unreadable("y")) == .sayUnreadable)
    #expect(round(.version("a")) == .none)
    #expect(round(.unreadable("y")) == .sayUnreadable)
    #expect(schedule.forced() == .read)
    #expect(read(&schedule, .unreadable("y"), at: 300) == .sayUnreadable)
  }

  // MARK: Hold

  @Test("on hold nothing is loaded, which is said once; its removal is a change, and what waits is loaded")
  func hold() {
    var schedule = reading()
    #expect(read(&schedule, .version("b"), isHeld: true, at: 210) == .sayHeld)
    #expect(schedule.isHeld)
    #expect(schedule.finished() == .none)
    _ = schedule.noticed(ms(300))
    _ = schedule.timer(ms(500))
    #expect(read(&schedule, .unreadable("half done"), isHeld: true, at: 510) == .none)
    _ = schedule.noticed(ms(600))
    _ = schedule.timer(ms(800))
    #expect(read(&schedule, .version("b"), isHeld: false, at: 810) == .reload)
    #expect(!schedule.isHeld)
    _ = schedule.finished()
    _ = schedule.noticed(ms(900))
    _ = schedule.timer(ms(1_100))
    #expect(read(&schedule, .version("b"), isHeld: true, at: 1_110) == .sayHeld, "a new hold is said again")
  }

  @Test("who asks gets a reload in spite of the hold, which goes on afterwards")
  func forcedHold() {
    var schedule = forcedReading()
    #expect(read(&schedule, .version("b"), isHeld: true, at: 1) == .reload)
    #expect(schedule.finished() == .none && schedule.isHeld)
    _ = schedule.noticed(ms(100))
    _ = schedule.timer(ms(300))
    #expect(read(&schedule, .version("c"), isHeld: true, at: 300) == .none)
  }

  // MARK: Force

  @Test("who asks does not wait for quiet, and gets a reload of what runs too")
  func forced() {
    var schedule = ReloadSchedule(running: "a")
    _ = schedule.noticed(0)
    #expect(schedule.forced() == .read)
    #expect(schedule.timer(ms(200)) == .none)
    #expect(read(&schedule, .version("a"), at: 10) == .reload)
    #expect(schedule.finished() == .none)
  }

  @Test("who asks while the folder moves waits for quiet like everybody, and is not forgotten")
  func forcedMoved() {
    var schedule = forcedReading()
    #expect(read(&schedule, .moved, at: 100) == .wait(until: ms(300)))
    #expect(schedule.noticed(ms(200)) == .wait(until: ms(400)))
    #expect(schedule.timer(ms(400)) == .read)
    #expect(read(&schedule, .version("a"), isHeld: true, at: 410) == .reload)
  }

  // MARK: What comes meanwhile

  @Test("a change during reading puts the loading off until there is quiet")
  func changeWhileReading() {
    var schedule = reading()
    #expect(schedule.noticed(ms(205)) == .none)
    #expect(read(&schedule, .version("b"), at: 210) == .wait(until: ms(405)))
    #expect(schedule.timer(ms(405)) == .read)
    #expect(read(&schedule, .version("c"), at: 410) == .reload)
    #expect(schedule.finished() == .none)
  }

  @Test("a change during loading leads to one more round, many of them too")
  func changeWhileLoading() {
    var schedule = reading()
    #expect(read(&schedule, .version("b"), at: 210) == .reload)
    for time in 300..<310 as Range<UInt64> { #expect(schedule.noticed(ms(time)) == .none) }
    #expect(schedule.timer(ms(400)) == .none)
    #expect(schedule.finished() == .wait(until: ms(509)))
    #expect(schedule.timer(ms(5_000)) == .read)
    #expect(read(&schedule, .version("b"), at: 5_001) == .none)
  }

  @Test("who asks during a reading that nobody asked for gets one of his own at once")
  func forcedWhileReading() {
    var schedule = reading()
    #expect(schedule.forced() == .none)
    #expect(read(&schedule, .version("a"), at: 210) == .read)
    #expect(read(&schedule, .version("a"), at: 220) == .reload)
    #expect(schedule.finished() == .none)
  }

  @Test("who asks during a reading that was asked for gets the next; that one is not put off for ever")
  func forcedWhileForced() {
    var schedule = forcedReading()
    for _ in 0..<10 {
      #expect(schedule.forced() == .none)
      #expect(read(&schedule, .version("b"), at: 1) == .reload)
      #expect(schedule.finished() == .read)
    }
    #expect(read(&schedule, .version("b"), at: 2) == .reload)
    #expect(schedule.finished() == .none)
  }

  @Test("who asks during loading, or while something is said, gets a round of his own")
  func forcedWhileBusy() {
    for what in [.version("b"), .unreadable("x")] as [ReloadSchedule.Reading] {
      var schedule = reading()
      _ = read(&schedule, what, at: 210)
      #expect(schedule.forced() == .none)
      #expect(schedule.forced() == .none)
      #expect(schedule.finished() == .read)
      #expect(read(&schedule, .version("b"), at: 220) == .reload)
      #expect(schedule.finished() == .none)
    }
  }

  @Test("a request and a change during loading are both served")
  func bothWhileLoading() {
    var schedule = reading()
    #expect(read(&schedule, .version("b"), at: 210) == .reload)
    #expect(schedule.noticed(ms(220)) == .none)
    #expect(schedule.forced() == .none)
    // The reading for the request begins after the change, so that it covers both.
    #expect(schedule.finished() == .read)
    #expect(read(&schedule, .version("c"), at: 230) == .reload)
    #expect(schedule.finished() == .none)
  }

  // MARK: Events out of turn

  @Test("what nobody waits for changes nothing")
  func outOfTurn() {
    var schedule = ReloadSchedule(running: "a")
    #expect(schedule.timer(ms(1)) == .none)
    #expect(schedule.finished() == .none)
    #expect(read(&schedule, .version("b"), at: 1) == .none)
    _ = schedule.noticed(ms(1))
    #expect(read(&schedule, .version("b"), at: 2) == .none)
    #expect(schedule.finished() == .none)
    #expect(schedule.timer(ms(201)) == .read)
    #expect(schedule.finished() == .none)
  }

  @Test(
    "whatever happens in whatever order, a change and a request are followed by a reading that began later")
  func nothingLost() {
    var random = SeededRandom(seed: 7)
    for _ in 0..<300 {
      var schedule = ReloadSchedule(running: "a")
      var (now, isUnread, isUnserved, pending) = (UInt64(0), false, false, ReloadSchedule.Action.none)
      func follow(_ action: ReloadSchedule.Action) {
        if action == .none { return }
        pending = action
        if action == .read { (isUnread, isUnserved) = (false, false) }
      }
      func step() {
        switch pending {
        case .none: break
        case .wait(let until):
          now = max(now, until)
          follow(schedule.timer(now))
        case .read:
          pending = .none
          let readings: [ReloadSchedule.Reading] = [.version("a"), .version("b"), .moved, .unreadable("x")]
          let reading = readings.randomElement(using: &random) ?? .moved
          follow(schedule.read(reading, running: "a", isHeld: Bool.random(using: &random), now))
        case .reload, .sayHeld, .sayUnreadable:
          pending = .none
          follow(schedule.finished())
        }
      }
      for _ in 0..<200 {
        now += UInt64.random(in: 0...ms(100), using: &random)
        switch UInt8.random(in: 0..<5, using: &random) {
        case 0:
          isUnread = true
          follow(schedule.noticed(now))
        case 1:
          isUnserved = true
          follow(schedule.forced())
        default: step()
        }
      }
      // With nothing more from outside it comes to rest, and has read what came last.
      var steps = 0
      while pending != .none, steps < 1_000 {
        step()
        steps += 1
      }
      #expect(pending == .none && !isUnread && !isUnserved)
    }
  }
}
