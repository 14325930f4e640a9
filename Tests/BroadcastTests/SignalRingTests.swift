import OrderFlow
import Testing

@testable import Broadcast

/// Signals with the numbers of a range.
func numbered(_ range: ClosedRange<Int64>, rule: String = "r", title: String = "t") -> [NumberedSignal] {
  range.map { number in
    NumberedSignal(
      number: number,
      signal: Signal(
        id: Digest128(high: 1, low: UInt64(number)), rule: rule, version: "v", seq: number, time: number,
        severity: .low, title: title))
  }
}

@Suite("The ring of the newest signals")
struct SignalRingTests {
  @Test("gives what is behind a number, oldest first")
  func behind() {
    let ring = SignalRing(after: 10)
    ring.append(numbered(11...20))
    #expect(ring.last == 20)
    for after in Int64(10)...20 {
      #expect(ring.window(after: after, most: 100)?.entries.map(\.number) == Array((after + 1)..<21))
    }
    #expect(ring.window(after: 12, most: 3)?.entries.map(\.number) == [13, 14, 15])
    #expect(ring.window(after: 99, most: 3)?.entries.isEmpty == true)
  }

  @Test("says when it has not everything behind a number any more")
  func floor() {
    let ring = SignalRing(after: 0, capacity: 4)
    ring.append(numbered(1...10))
    #expect(ring.window(after: 5, most: 10) == nil)
    #expect(ring.window(after: 6, most: 10)?.entries.map(\.number) == [7, 8, 9, 10])
    #expect(ring.tail(most: 2).floor == 8)
    #expect(ring.tail(most: 2).entries.map(\.number) == [9, 10])
    #expect(ring.tail(most: 100).floor == 6)
  }

  @Test("holds no more bytes than it may, but always the newest signal")
  func bytes() {
    let ring = SignalRing(after: 0, capacity: 100, maximumBytes: 5000)
    ring.append(numbered(1...50, title: String(repeating: "x", count: 500)))
    let few = ring.tail(most: 100).entries
    #expect((1...6).contains(few.count))
    #expect(few.last?.number == 50)
    ring.append(numbered(51...51, title: String(repeating: "x", count: 50_000)))
    #expect(ring.tail(most: 100).entries.map(\.number) == [51])
    #expect(ring.window(after: 50, most: 1)?.entries.map(\.number) == [51])
  }

  @Test("what comes again is not taken again, and numbers may have holes")
  func holes() {
    let ring = SignalRing(after: 0)
    ring.append(numbered(1...3))
    ring.append(numbered(2...3))
    ring.append(numbered(7...8))
    #expect(ring.tail(most: 100).entries.map(\.number) == [1, 2, 3, 7, 8])
    #expect(ring.window(after: 4, most: 10)?.entries.map(\.number) == [7, 8])
  }

  @Test("begins behind what is stored already, and only before the first signal")
  func begin() {
    let ring = SignalRing()
    ring.begin(after: 70)
    #expect(ring.window(after: 69, most: 1) == nil)
    ring.append(numbered(71...72))
    ring.begin(after: 100)
    #expect(ring.last == 72)
  }
}
