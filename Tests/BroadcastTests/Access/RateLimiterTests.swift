import Testing

@testable import Broadcast

@Suite("How often")
struct RateLimiterTests {
  private let second: UInt64 = 1_000_000_000

  @Test("a full bucket gives what it holds at once, and then one at a time")
  func bucket() {
    let rate = TokenBucket.Rate(capacity: 3, perSecond: 2)
    var bucket = TokenBucket()
    let now = 50 * second
    for _ in 0..<3 { #expect(bucket.take(rate, now) == 0) }
    #expect(bucket.take(rate, now) == second / 2)
    #expect(bucket.take(rate, now + second / 4) == second / 4)
    #expect(bucket.take(rate, now + second / 2) == 0)
    #expect(bucket.take(rate, now + second / 2) == second / 2)
    // It does not become more than full.
    for _ in 0..<3 { #expect(bucket.take(rate, now + 100 * second) == 0) }
    #expect(bucket.take(rate, now + 100 * second) > 0)
  }

  @Test("over a long time it gives as much as flows in")
  func rate() {
    let rate = TokenBucket.Rate(capacity: 10, perSecond: 1.0 / 6)
    var bucket = TokenBucket()
    let taken = (0..<3600).count { bucket.take(rate, UInt64($0) * second) == 0 }
    #expect((609...610).contains(taken), "\(taken)")
  }

  @Test(
    "rates that make no sense are brought to some that do",
    arguments: [
      (0, 0.0), (-5, -1), (Int.max, .infinity), (1, .nan), (1, 1e-300), (Int.min, 1e300), (1, -.infinity),
    ])
  func oddRates(_ capacity: Int, _ perSecond: Double) {
    let rate = TokenBucket.Rate(capacity: capacity, perSecond: perSecond)
    #expect((1...1_000_000).contains(rate.capacity) && (1...3_600_000_000_000).contains(rate.interval))
    var bucket = TokenBucket()
    for now: UInt64 in [0, 1, second, .max / 4] { _ = bucket.take(rate, now) }
  }

  @Test("addresses are counted each for itself; of IPv6 the first 64 bits")
  func keys() {
    #expect(LimitKey(address: "192.0.2.1") == LimitKey(address: "::ffff:192.0.2.1"))
    #expect(LimitKey(address: "192.0.2.1") != LimitKey(address: "192.0.2.2"))
    #expect(LimitKey(address: "2001:db8:0:1::1") == LimitKey(address: "2001:db8:0:1:ffff::"))
    #expect(LimitKey(address: "2001:db8:0:1::1") != LimitKey(address: "2001:db8:0:2::1"))
    #expect(LimitKey(address: "fe80::1%eth0") == LimitKey(address: "fe80::2%eth1"))
    for text in ["", "x", "192.0.2", "1.2.3.4.5", "[::1]", "/tmp/a.sock"] {
      #expect(LimitKey(address: text) == .unknown, "\(text)")
    }
  }

  @Test("who asks too often is told when to come again, and nobody else is")
  func refusing() {
    let limiter = RateLimiter(TokenBucket.Rate(capacity: 2, perSecond: 0.25))
    let (one, other) = (LimitKey(address: "192.0.2.1"), LimitKey.caller("token:a"))
    let now = 10 * second
    for _ in 0..<2 { #expect(limiter.take(one, now: now) == .allowed) }
    #expect(limiter.look(one, now: now) == .refused(retryAfter: 4))
    #expect(limiter.take(one, now: now) == .refused(retryAfter: 4))
    #expect(limiter.take(one, now: now + 3 * second + 1) == .refused(retryAfter: 1))
    #expect(limiter.take(other, now: now) == .allowed)
    #expect(limiter.take(one, now: now + 4 * second) == .allowed)
    #expect(limiter.look(other, now: now) == .allowed && limiter.count == 2)
  }

  @Test("it remembers so many and no more, and forgives least when it forgets")
  func bound() {
    let limiter = RateLimiter(TokenBucket.Rate(capacity: 10, perSecond: 1), mostKeys: 100)
    let now = 10 * second
    let greedy = LimitKey.caller("greedy")
    while limiter.take(greedy, now: now) == .allowed {}
    for number in 0..<10_000 {
      _ = limiter.take(.address(.ipv4(UInt32(number))), now: now)
      #expect(limiter.count <= 100)
    }
    #expect(limiter.take(greedy, now: now) != .allowed, "a flood of others must not free who asked too often")
    // A minute later all are full, and the first new key lets them go.
    for number in 20_000..<20_101 {
      _ = limiter.take(.address(.ipv4(UInt32(number))), now: now + 60 * second)
    }
    #expect(limiter.count <= 100 && limiter.look(greedy, now: now + 60 * second) == .allowed)
  }
}
