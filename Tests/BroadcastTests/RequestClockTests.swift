import Testing

@testable import Broadcast

@Suite("The limits of a connection")
struct RequestClockTests {
  private var clock = RequestClock(RequestLimits(), now: .seconds(100))

  @Test("a connection that says nothing is closed without a word")
  func silent() {
    #expect(clock.deadline == .seconds(110))
    #expect(clock.tick(now: .seconds(109)) == nil)
    #expect(clock.tick(now: .seconds(110)) == .idle)
  }

  @Test("a slow head is slow from the connection on, however often a byte comes")
  mutating func slowHead() {
    for second in 101...109 { clock.received(1, now: .seconds(second)) }
    #expect(clock.tick(now: .seconds(109)) == nil)
    #expect(clock.tick(now: .seconds(110)) == .slowHead)
  }

  @Test("a body has a time of its own, also when the answer has begun")
  mutating func slowBody() {
    clock.received(100, now: .seconds(109))
    clock.headEnded(now: .seconds(109))
    #expect(clock.isInBody)
    clock.received(1 << 30, now: .seconds(120))
    #expect(clock.excess == nil)
    #expect(clock.deadline == .seconds(139))
    clock.answered(now: .seconds(125))
    #expect(clock.tick(now: .seconds(139)) == .slowBody)
  }

  @Test("an answer has no limit; after it the connection may wait a minute")
  mutating func answering() {
    clock.headEnded(now: .seconds(101))
    clock.requestEnded(now: .seconds(101))
    #expect(clock.deadline == nil)
    #expect(clock.tick(now: .seconds(100_000)) == nil)
    clock.answered(now: .seconds(100_000))
    #expect(clock.deadline == .seconds(100_060))
    #expect(clock.tick(now: .seconds(100_060)) == .idle)
    clock.received(1, now: .seconds(100_059))
    #expect(clock.deadline == .seconds(100_069))
    #expect(clock.tick(now: .seconds(100_069)) == .slowHead)
  }

  @Test("a head that came during an answer has its time from the end of the answer")
  mutating func pipelined() {
    clock.headEnded(now: .seconds(101))
    clock.requestEnded(now: .seconds(101))
    clock.received(20, now: .seconds(102))
    #expect(clock.deadline == nil)
    clock.answered(now: .seconds(300))
    #expect(clock.tick(now: .seconds(310)) == .slowHead)
  }

  @Test("a head is counted until it ends, also during an answer")
  mutating func largeHead() {
    clock.received(32 << 10, now: .seconds(101))
    #expect(clock.excess == nil)
    clock.received(1, now: .seconds(101))
    #expect(clock.excess == .largeHead)
    clock.headEnded(now: .seconds(101))
    clock.requestEnded(now: .seconds(101))
    #expect(clock.excess == nil)
    clock.received(32 << 10 + 1, now: .seconds(101))
    #expect(clock.excess == .largeHead)
    #expect(clock.unanswered == 1)
  }
}
