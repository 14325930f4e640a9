import Testing

@testable import RuleEngine

@Suite("Open gaps")
struct OpenGapsTests {
  private func gaps(_ reports: [(String, Int64, Int64, Bool)]) -> OpenGaps {
    var gaps = OpenGaps()
    for (source, from, to, backfilled) in reports {
      gaps.note(source: source, from: from, to: to, backfilled: backfilled)
    }
    return gaps
  }

  @Test("without a gap nothing overlaps")
  func none() {
    #expect(!OpenGaps().overlaps(.min, .max))
    #expect(OpenGaps().isEmpty)
  }

  @Test(
    "a gap overlaps a stretch that touches it, both ends included",
    arguments: [
      (50, 99, false), (50, 100, true), (120, 130, true), (200, 300, true), (201, 300, false), (0, 999, true),
    ] as [(Int64, Int64, Bool)])
  func edges(_ from: Int64, _ to: Int64, _ expected: Bool) {
    #expect(gaps([("a", 100, 200, false)]).overlaps(from, to) == expected)
  }

  @Test("a gap without a known end reaches into the future until its end is told")
  func unended() {
    var open = gaps([("a", 100, 100, false)])
    #expect(!open.overlaps(0, 99))
    #expect(open.overlaps(5_000, 6_000))
    let isNews = open.note(source: "a", from: 100, to: 300, backfilled: false)
    #expect(isNews)
    #expect(open.overlaps(300, 400))
    #expect(!open.overlaps(301, 400))
    // An older report does not move the end back.
    let isNewsAgain = open.note(source: "a", from: 100, to: 100, backfilled: false)
    #expect(!isNewsAgain)
    #expect(!open.overlaps(301, 400))
  }

  @Test("a gap without a known end ends where the feed's next one begins at the latest")
  func nextGap() {
    var open = gaps([("a", 100, 100, false), ("a", 300, 400, false), ("b", 900, 900, false)])
    #expect(open.overlaps(300, 300) && open.overlaps(200, 200))
    #expect(!open.overlaps(401, 899))
    // Its own end is still news.
    let isNews = open.note(source: "a", from: 100, to: 150, backfilled: false)
    #expect(isNews && !open.overlaps(151, 299))
  }

  @Test("a fill takes the gap and the older ones of its feed, and no others")
  func filling() {
    let before: [(String, Int64, Int64, Bool)] = [
      ("a", 100, 200, false), ("a", 300, 400, false), ("a", 500, 500, false), ("b", 100, 200, false),
    ]
    let first = gaps(before + [("a", 100, 200, true)])
    #expect(first.count == 3)
    #expect(first.overlaps(300, 300) && first.overlaps(150, 150))
    let second = gaps(before + [("a", 300, 400, true), ("b", 100, 200, true)])
    #expect(!second.overlaps(0, 499))
    #expect(second.overlaps(0, 500))
    #expect(gaps(before + [("a", 500, 500, true), ("b", 100, 100, true)]).isEmpty)
  }

  @Test("a fill from before the gap of an earlier run takes that too")
  func earlierRun() {
    #expect(gaps([("a", 500, 500, false), ("a", 450, 450, false), ("a", 450, 600, true)]).isEmpty)
  }

  @Test("past the limit the oldest become one, which is filled only when all of it is")
  func bounded() {
    var open = OpenGaps()
    for place in 0..<Int64(OpenGaps.maximum + 3) {
      open.note(source: "a", from: place * 100, to: place * 100 + 10, backfilled: false)
    }
    #expect(open.count == OpenGaps.maximum)
    #expect(open.overlaps(0, 0) && open.overlaps(250, 260) && open.overlaps(310, 310))
    #expect(!open.overlaps(311, 399))
    open.note(source: "a", from: 200, to: 210, backfilled: true)
    #expect(open.overlaps(0, 0))
    open.note(source: "a", from: 300, to: 310, backfilled: true)
    #expect(!open.overlaps(0, 399))
  }

  @Test("what ended before a time is forgotten, what has no end is not")
  func forgetting() {
    var open = gaps([("a", 100, 200, false), ("a", 300, 300, false), ("b", 50, 250, false)])
    open.forget(before: 200)
    #expect(open.count == 3)
    open.forget(before: 251)
    #expect(open.count == 1)
    #expect(open.overlaps(1_000, 1_000))
  }

  @Test("times at the ends of what a number can hold are no trouble")
  func extremes() {
    var open = gaps([("a", .min, .max, false), ("a", .max, .min, false)])
    #expect(open.overlaps(.min, .min) && open.overlaps(.max, .max))
    open.note(source: "a", from: .min, to: .max, backfilled: true)
    #expect(open.isEmpty)
    open.forget(before: .min)
  }
}
