import Testing

@testable import Feeds

@Suite struct BackoffTests {
  private static let second: UInt64 = 1_000_000_000

  private static func delays(_ backoff: inout Backoff, _ count: Int, random: Double = 1) -> [UInt64] {
    (0..<count).map { _ in backoff.failed(100 * second, random: random) / second }
  }

  @Test("the longest pause doubles from a second to a minute")
  func doubles() {
    var backoff = Backoff(ReconnectSettings())
    #expect(Self.delays(&backoff, 9) == [1, 2, 4, 8, 16, 32, 60, 60, 60])
    #expect(Self.delays(&backoff, 200).allSatisfy { $0 == 60 })
  }

  @Test("chance takes any part of it, and nothing outside", arguments: [-1, 0, 0.5, 1, 2])
  func jitter(random: Double) {
    var backoff = Backoff(ReconnectSettings())
    _ = Self.delays(&backoff, 20)
    let delay = backoff.failed(0, random: random)
    #expect(delay == UInt64(60e9 * min(max(random, 0), 1)))
  }

  @Test("a connection that held for a minute starts over; a shorter one does not")
  func healthy() {
    var backoff = Backoff(ReconnectSettings())
    _ = Self.delays(&backoff, 5)
    backoff.connected(100 * Self.second)
    #expect(backoff.failed(159 * Self.second, random: 1) == 32 * Self.second)
    backoff.connected(200 * Self.second)
    #expect(backoff.failed(260 * Self.second, random: 1) == Self.second)
    #expect(backoff.failed(261 * Self.second, random: 1) == 2 * Self.second)
  }

  @Test("one healthy connection counts once")
  func once() {
    var backoff = Backoff(ReconnectSettings())
    backoff.connected(0)
    #expect(backoff.failed(60 * Self.second, random: 1) == Self.second)
    #expect(backoff.failed(600 * Self.second, random: 1) == 2 * Self.second)
  }

  @Test("no setting makes it wrap or trap")
  func extremes() {
    var settings = ReconnectSettings()
    settings.first = .seconds(1_000_000_000)
    settings.longest = .seconds(2_000_000_000)
    var backoff = Backoff(settings)
    let delays = (0..<100).map { _ in backoff.failed(0, random: 1) }
    #expect(delays == delays.sorted())
    #expect(delays[0] == settings.first.nanoseconds)
  }
}
