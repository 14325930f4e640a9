import Testing

@testable import Broadcast

/// Always the same number: `.max` makes the largest of a range, 1 the smallest (0 is rejected for ever).
struct FixedRandom: RandomNumberGenerator {
  var value: UInt64
  mutating func next() -> UInt64 { value }
}

@Suite struct DeliveryScheduleTests {
  private let schedule = DeliverySchedule()

  private func verdict(
    _ answer: DeliverySchedule.Answer, attempts: Int64 = 0, created: Int64 = 0, now: Int64 = 1_000,
    random: UInt64 = .max
  ) -> DeliverySchedule.Verdict {
    var random = FixedRandom(value: random)
    return schedule.verdict(answer, attempts: attempts, created: created, now: now, random: &random)
  }

  @Test("2xx is delivered, 410 is the end, and everything else is tried again")
  func statuses() {
    for status in [200, 201, 202, 204, 299] {
      #expect(verdict(.status(status, retryAfter: nil)) == .delivered)
    }
    #expect(verdict(.status(410, retryAfter: nil)) == .gone)
    for status in [100, 304, 400, 401, 404, 409, 413, 422, 429, 500, 502, 503] {
      #expect(verdict(.status(status, retryAfter: nil)) == .retry(at: 6_000, quietUntil: nil))
    }
    #expect(verdict(.failed("x")) == .retry(at: 6_000, quietUntil: nil))
  }

  @Test(
    "the waits grow",
    arguments: [
      (0, 5_000), (1, 30_000), (2, 120_000), (3, 600_000), (4, 1_800_000), (5, 3_600_000), (6, 7_200_000),
      (7, 7_200_000), (1_000, 7_200_000), (-1, 5_000),
    ] as [(Int64, Int64)])
  func growth(attempts: Int64, longest: Int64) {
    #expect(verdict(.failed("x"), attempts: attempts) == .retry(at: 1_000 + longest, quietUntil: nil))
    // Any part of it may be waited, but never nothing.
    #expect(verdict(.failed("x"), attempts: attempts, random: 1) == .retry(at: 1_001, quietUntil: nil))
  }

  @Test("it is tried for a day, the last time when the day is over")
  func end() {
    let day: Int64 = 86_400_000
    #expect(verdict(.failed("x"), attempts: 9, now: day - 1) == .retry(at: day, quietUntil: nil))
    #expect(verdict(.failed("x"), attempts: 9, now: day) == .dead)
    #expect(verdict(.status(200, retryAfter: nil), attempts: 9, now: day) == .delivered)
    #expect(verdict(.status(410, retryAfter: nil), now: day) == .gone)
  }

  @Test("who asks to be left alone is left alone, for an hour at most")
  func quiet() {
    for status in [429, 503] {
      #expect(verdict(.status(status, retryAfter: 60_000)) == .retry(at: 61_000, quietUntil: 61_000))
      #expect(
        verdict(.status(status, retryAfter: .max)) == .retry(at: 3_601_000, quietUntil: 3_601_000))
      #expect(verdict(.status(status, retryAfter: 100)) == .retry(at: 6_000, quietUntil: 1_100))
    }
    #expect(verdict(.status(500, retryAfter: 60_000)) == .retry(at: 6_000, quietUntil: nil))
  }

  @Test("numbers out of range do not trap")
  func extremes() {
    #expect(verdict(.failed("x"), created: .max) == .dead)
    #expect(verdict(.failed("x"), created: .min, now: .max) == .dead)
    var random = FixedRandom(value: 1)
    let none = DeliverySchedule(steps: [])
    _ = none.verdict(.failed("x"), attempts: .max, created: 0, now: 1, random: &random)
  }
}
