/// Says which order of the flow is due.
struct Pacer: Sendable {
  /// The longest stretch that is made up for when the simulator was held up, in seconds.
  private static let patience = 1.0

  private let speed: SimulatorOptions.Speed
  /// Orders, or seconds of the recording, that are due by now.
  private var reached = 0.0
  private var last: Int64?
  /// Seconds into the recording of the next order, never falling.
  private var offset: Int64 = 0

  init(_ speed: SimulatorOptions.Speed) { self.speed = speed }

  /// Notes that time has passed; held up, nothing becomes due.
  mutating func advance(to now: Int64, isHeld: Bool) {
    let passed = min(Pacer.patience, Double(now - (last ?? now)) / 1e9)
    last = now
    if isHeld { return }
    switch speed {
    case .rate(let rate): reached += passed * rate
    case .recorded(let factor): reached += passed * factor
    case .maximum: break
    }
  }

  /// Whether an order is due that has `count` before it and was recorded `seconds` after the first.
  mutating func isDue(count: Int, seconds: Int64) -> Bool {
    switch speed {
    case .rate: return Double(count) + 1 <= reached
    case .recorded:
      offset = max(offset, seconds)
      return Double(offset) <= reached
    case .maximum: return true
    }
  }

  /// Nanoseconds until that order is due, a millisecond at least so that few orders do not wake often.
  func wait(count: Int) -> Int64 {
    let missing: Double
    switch speed {
    case .rate(let rate): missing = (Double(count) + 1 - reached) / rate
    case .recorded(let factor): missing = (Double(offset) - reached) / factor
    case .maximum: missing = 0
    }
    return Int64(min(0.1, max(0.001, missing)) * 1e9)
  }
}
