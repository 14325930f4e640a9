import COrderFlow
import OrderFlow
import Testing

@testable import RuleEngine

/// An engine that is told orders, ticks and gaps one by one.
private struct Story {
  let engine: Engine
  var signals: [Signal] = []
  private var told = 0

  init(_ source: String) throws { engine = try Engine(TestEngine(source).sources) }

  /// An order of a kind (its price) at a time in ms; a transaction of its own makes each order new.
  mutating func order(_ kind: Int64, _ time: Int64, _ user: String = "0xa") {
    told += 1
    let number = told
    let laid = OrderBatch(
      [
        TestOrder(time) {
          $0.price = kind
          $0.user = user
          $0.transaction = "0x\(number)"
        }
      ][...])
    var output = EngineOutput()
    engine.process(UnsafeMutableBufferPointer(rebasing: laid.orders[..<1]), into: &output)
    signals += output.signals.map(\.signal)
  }

  mutating func tick(_ time: Int64) {
    var output = EngineOutput()
    _ = engine.tick(time, into: &output)
    signals += output.signals.map(\.signal)
  }

  /// A stretch of the feed was lost, or was read again.
  mutating func gap(_ from: Int64, _ to: Int64, isFilled: Bool = false) {
    var output = EngineOutput()
    _ = engine.gap(source: "feed", from: from, to: to, backfilled: isFilled, into: &output)
    signals += output.signals.map(\.signal)
  }

  var titles: [String] { signals.map(\.title) }
  var totals: RuleTotals { engine.totals[0] }
}

@Suite("Absences")
struct SequenceAbsenceTests {
  /// Kind 1, then for ten seconds none of kind 2.
  private static let source = """
    local R = rule { title = 't', sequences = { quiet = sequence { by = {'user'}, within = '10s', max_keys = 9000,
      step 'a' { price = 1 }, never 'n' { price = 2 } } } }
    function R.on_sequence(name, m, w)
      signal { title = m.key.user .. ' ' .. m.first .. ' ' .. now() .. ' ' .. table.concat(m:orders(), ' ') }
    end
    return R
    """

  @Test("an absence is certain when the watermark is behind its deadline, not when it is there")
  func certain() throws {
    var story = try Story(Self.source)
    story.order(1, 100_000)
    story.order(3, 115_000)
    #expect(story.titles == [])
    story.order(3, 115_001)
    #expect(story.titles == ["0xa 100000 110000 1"])
    let signal = try #require(story.signals.first)
    #expect(signal.time == 110_000 && signal.seq == 3 && !signal.hasOrder && !signal.late)
    #expect(signal.evidence == [1] && signal.key == "0xa")
    #expect(signal.market == nil && signal.token == nil && signal.side == nil && signal.user == nil)
  }

  @Test(
    "what must not come counts up to the deadline, that instant included", arguments: [1, 0, 9_999, 10_000])
  func inside(after: Int64) throws {
    var story = try Story(Self.source)
    story.order(1, 100_000)
    story.order(2, 100_000 + after)
    story.tick(200_000)
    #expect(story.titles == [])
  }

  @Test("and not a millisecond later")
  func outside() throws {
    var story = try Story(Self.source)
    story.order(1, 100_000)
    story.order(2, 110_001)
    story.tick(200_000)
    #expect(story.titles == ["0xa 100000 110000 1"])
  }

  @Test("what comes late but before the absence is certain still counts")
  func late() throws {
    var story = try Story(Self.source)
    story.order(1, 100_000)
    story.order(3, 114_999)
    story.order(2, 110_000)
    story.tick(200_000)
    #expect(story.titles == [])
  }

  @Test("a first step that comes late, behind what must not come, begins no absence")
  func lateFirst() throws {
    var story = try Story(Self.source)
    story.order(2, 105_000)
    story.order(1, 100_000)
    story.order(2, 106_000, "0xb")
    story.order(1, 106_000, "0xb")
    story.tick(200_000)
    #expect(story.titles == ["0xb 106000 116000 4"])
  }

  @Test("ticks bring it about, and each only once")
  func ticks() throws {
    var story = try Story(Self.source)
    story.order(1, 100_000)
    story.tick(115_000)
    #expect(story.titles == [])
    story.tick(115_001)
    story.tick(115_002)
    story.tick(400_000)
    #expect(story.titles == ["0xa 100000 110000 1"])
    #expect(story.signals[0].seq == 3)
  }

  @Test("the newest order counts, and each key by itself, in the order of deadlines and keys")
  func newest() throws {
    var story = try Story(Self.source)
    story.order(1, 100_000, "0xc")
    story.order(1, 101_000, "0xb")
    story.order(1, 101_000, "0xa")
    story.order(1, 102_000, "0xc")
    story.tick(200_000)
    #expect(story.titles == ["0xa 101000 111000 3", "0xb 101000 111000 2", "0xc 102000 112000 4"])
    #expect(Set(story.signals.map(\.id)).count == 3)
  }

  @Test("it runs among timers and closing windows at its own time, and sees the windows as of then")
  func amongOthers() throws {
    let engine = TestEngine(
      """
      local R = rule { title = 't', timers = { tick = '10s' },
        sequences = { quiet = sequence { by = {'user'}, within = '12s', step 'a' { price = 1 }, never 'n' { price = 2 } } },
        windows = { bar = window.tumbling { by = {'user'}, span = '10s', agg = { n = count() } },
          slide = window.sliding { by = {'user'}, span = '12s', agg = { n = count() } } } }
      function R.on_timer(name, t) print(name, t) end
      function R.on_close(name, key) print(name, now()) end
      function R.on_sequence(name, m, w)
        local g = group('slide', m.key.user)
        print(name, now(), w.bar, g and g.n)
      end
      return R
      """)
    let orders = [(100_000, 1), (101_000, 3), (140_000, 3)].map { time, kind in
      TestOrder(Int64(time)) { $0.price = Int64(kind) }
    }
    #expect(
      try engine.run(orders).lines == [
        "bar\t110000", "tick\t110000", "quiet\t112000\tnil\t1", "tick\t120000", "tick\t130000",
        "tick\t140000",
      ])
  }

  @Test("it waits while a stretch of its time is lost, and is found when that was read again")
  func waits() throws {
    var story = try Story(Self.source)
    story.order(1, 100_000)
    story.gap(105_000, 107_000)
    story.tick(120_000)
    story.order(3, 130_000)
    #expect(story.titles == [])
    story.gap(105_000, 107_000, isFilled: true)
    #expect(story.titles == ["0xa 100000 110000 1"])
  }

  @Test("it is decided by the event that tells of the gap, behind on_gap")
  func decided() throws {
    var story = try Story(
      Self.source.replacing(
        "return R",
        with: "function R.on_gap(g) signal { title = 'gap ' .. tostring(g.backfilled) } end\nreturn R"))
    story.order(1, 100_000)
    story.order(1, 100_000, "0xb")
    story.gap(105_000, 107_000)
    story.tick(120_000)
    story.order(2, 106_000, "0xb")
    story.gap(105_000, 107_000, isFilled: true)
    story.tick(121_000)
    #expect(story.titles == ["gap false", "gap true", "0xa 100000 110000 1"])
    #expect(story.signals.map(\.seq) == [3, 6, 6])
    #expect(story.signals.map(\.dataGap) == [false, false, false])
    #expect(Set(story.signals.map(\.id)).count == 3)
  }

  @Test("a match that may hold what a lost stretch hides is found, and says so")
  func dataGap() throws {
    let source = """
      local R = rule { title = 't', sequences = { s = sequence { by = {'user'}, within = '10s',
        step 'a' { price = 1 }, never 'n' { price = 2 }, step 'b' { price = 3 } } } }
      function R.on_sequence(name, m) signal { title = name } end
      return R
      """
    for (end, isOver) in [(Int64(99_999), false), (100_000, true), (104_000, true)] {
      var story = try Story(source)
      story.order(1, 100_000)
      story.gap(95_000, end)
      story.order(3, 110_000)
      #expect(story.titles == ["s"])
      #expect(story.signals.map(\.dataGap) == [isOver])
    }
  }

  @Test(
    "a gap elsewhere does not keep it; one that touches its ends does",
    arguments: [
      (90_000, 99_999, true), (90_000, 100_000, false), (110_000, 111_000, false), (110_001, 112_000, true),
    ])
  func elsewhere(from: Int64, to: Int64, isFound: Bool) throws {
    var story = try Story(Self.source)
    story.order(1, 100_000)
    story.gap(from, to)
    story.tick(120_000)
    #expect(story.titles.count == (isFound ? 1 : 0))
  }

  @Test(
    "what the lost stretch turns out to have held ends it, however late",
    arguments: [
      (100_000, true), (105_000, true), (110_000, true), (110_001, false), (99_999, false),
    ])
  func readAgain(time: Int64, ends: Bool) throws {
    var story = try Story(Self.source)
    story.order(1, 100_000)
    story.gap(104_000, 111_000)
    story.tick(500_000)
    story.order(2, time)
    story.order(2, 105_000, "0xother")
    story.gap(104_000, 111_000, isFilled: true)
    story.tick(500_001)
    #expect(story.titles.isEmpty == ends)
  }

  @Test("it is given up after its time and an hour, and counted")
  func givenUp() throws {
    for (wait, isFound) in [(Int64(3_610_000), true), (3_610_001, false)] {
      var story = try Story(Self.source)
      story.order(1, 100_000)
      story.gap(105_000, 107_000)
      story.tick(120_000)
      story.tick(110_000 + wait)
      story.gap(105_000, 107_000, isFilled: true)
      #expect(story.titles.isEmpty != isFound)
      #expect(story.totals.undecidedAbsences == (isFound ? 0 : 1))
    }
  }

  @Test(
    "one that waits goes on waiting in the next version of its rule, moved or filled anew",
    arguments: [true, false])
  func reloaded(isSame: Bool) throws {
    var story = try Story(Self.source)
    story.order(1, 100_000)
    story.gap(105_000, 107_000)
    story.tick(120_000)
    let edited =
      isSame ? Self.source + "\n" : Self.source.replacing("max_keys = 9000", with: "max_keys = 8000")
    let draft = try RuleSetDraft(TestEngine(edited).sources, replacing: story.engine.outline)
    #expect(draft.needsRebuild != isSame)
    draft.begin(after: 0, clock: nil, missingBefore: nil)
    let laid = OrderBatch([TestOrder(100_000) { $0.price = 1 }][...])
    laid.orders[0].seq = 1
    if !isSame { draft.take(UnsafeMutableBufferPointer(rebasing: laid.orders[..<1])) }
    if !isSame {
      draft.take(gap: 2, source: "feed", from: 105_000, to: 107_000, backfilled: false)
      draft.take(tick: 3, time: 120_000)
    }
    _ = try story.engine.swap(to: draft)
    story.order(3, 130_000)
    #expect(story.titles == [])
    story.gap(105_000, 107_000, isFilled: true)
    #expect(story.titles == ["0xa 100000 110000 1"])
  }

  @Test("absences by the hundred thousand stay in order and leave nothing behind")
  func many() throws {
    var story = try Story(Self.source)
    for number in 0..<3000 {
      story.order(1, 100_000 + Int64(number) * 10, "u\(number % 700)")
      if number % 5 == 0 { story.order(2, 100_000 + Int64(number) * 10, "u\(number % 350)") }
    }
    story.tick(1_000_000)
    let deadlines = story.signals.map(\.time)
    #expect(deadlines == deadlines.sorted() && deadlines.count > 500)
    let machine = story.engine.runners[0].sequences
    #expect(machine.pointee.pool.live == 0 && machine.pointee.pending.live == 0)
    #expect(machine.pointee.deadlines.heap.isEmpty)
  }
}
