/// When a delivery is tried again, and when it is given up.
///
/// The steps grow, and of each a random part is waited ("full jitter"), so that receivers that come back are not
/// met by everything at once. Every answer but 2xx and 410 is tried again for a day, as Standard Webhooks says:
/// 400 and 413 too, since receivers answer them while they are being repaired. A receiver at a private address
/// is no exception, as its name may get another one.
struct DeliverySchedule: Sendable {
  /// What an attempt brought.
  enum Answer: Equatable {
    /// A status, and how long the receiver asks to be left alone, ms.
    case status(Int, retryAfter: Int64?)
    /// None, and why.
    case failed(String)
  }

  /// What follows from it.
  enum Verdict: Equatable {
    case delivered
    /// Again at this time, ms since 1970 UTC; nothing else is to be sent before `quietUntil`.
    case retry(at: Int64, quietUntil: Int64?)
    case dead
    /// The receiver wants nothing any more.
    case gone
  }

  /// The longest wait before each attempt but the first, ms; the last one holds for all that follow.
  var steps: [Int64] = [5_000, 30_000, 120_000, 600_000, 1_800_000, 3_600_000, 7_200_000]
  /// How long it is tried, ms.
  var life: Int64 = 86_400_000
  /// The longest that a receiver may ask to be left alone, ms.
  var longestQuiet: Int64 = 3_600_000

  /// The verdict on an attempt that ended at `now`, ms since 1970 UTC.
  ///
  /// - Parameters:
  ///   - attempts: How many there were before this one.
  ///   - created: When the delivery came into being, ms since 1970 UTC.
  func verdict(
    _ answer: Answer, attempts: Int64, created: Int64, now: Int64, random: inout some RandomNumberGenerator
  ) -> Verdict {
    var quiet: Int64?
    if case .status(let status, let retryAfter) = answer {
      if (200..<300).contains(status) { return .delivered }
      if status == 410 { return .gone }
      if status == 429 || status == 503, let retryAfter { quiet = min(max(retryAfter, 0), longestQuiet) }
    }
    let end = created.addingReportingOverflow(life)
    if end.overflow || now >= end.partialValue { return .dead }
    let step = steps.isEmpty ? 0 : steps[Int(min(max(attempts, 0), Int64(steps.count - 1)))]
    // Never at once, or a receiver that refuses quickly would be asked in a loop.
    let wait = Int64.random(in: min(1, step)...max(step, 1), using: &random)
    let time = now &+ max(wait, quiet ?? 0)
    // The last attempt is made when the time is over.
    return .retry(at: min(time, end.partialValue), quietUntil: quiet.map { now &+ $0 })
  }
}
