import Testing

@testable import Feeds

@Suite struct RateLimitTests {
  private static let second: UInt64 = 1_000_000_000

  @Test(
    "at most a second's worth goes out at once, and on average no more than is allowed",
    arguments: [1.0, 15, 200])
  func average(rate: Double) {
    var limit = RateLimit(perSecond: rate)
    let start = 50 * Self.second
    var sent: [UInt64] = []
    var now = start
    while sent.count < Int(rate) * 10 {
      now = max(now, limit.reserve(now))
      sent.append(now)
    }
    #expect(sent.prefix { $0 == start }.count == Int(rate))
    // In any second a second's worth, beyond what had been saved up at the beginning.
    let seconds = Double(now - start) / 1e9
    #expect(Double(sent.count) <= rate * (seconds + 1) + 1)
    #expect(Double(sent.count) >= rate * seconds)
  }

  @Test("requests that come together each get a place of their own")
  func together() {
    var limit = RateLimit(perSecond: 2)
    let places = (0..<6).map { _ in limit.reserve(Self.second) }
    #expect(places == [2, 2, 3, 4, 5, 6].map { $0 * Self.second / 2 })
  }

  @Test("a pause of the venue holds everything up, and nothing comes in a burst behind it")
  func pause() {
    var limit = RateLimit(perSecond: 4)
    _ = limit.reserve(Self.second)
    limit.pause(until: 10 * Self.second)
    #expect((0..<3).map { _ in limit.reserve(Self.second) } == [40, 41, 42].map { $0 * Self.second / 4 })
    limit.pause(until: 5 * Self.second)
    #expect(limit.reserve(Self.second) == 43 * Self.second / 4)
  }

  @Test("no rate makes it trap", arguments: [-1, 0, 1e-9, 1e12, .infinity, .nan])
  func extremes(rate: Double) {
    var limit = RateLimit(perSecond: rate)
    #expect(limit.reserve(Self.second) >= Self.second)
    #expect(limit.reserve(Self.second) >= Self.second)
  }
}
