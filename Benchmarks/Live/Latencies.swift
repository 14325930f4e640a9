internal import Foundation
internal import OrderFlow
internal import Synchronization

/// What the sink hears: for each probe, how long it took from its stamp on. Exact, every sample is kept.
final class Latencies: Sendable {
  private struct State {
    var measuresFrom = UInt64.max
    var first: UInt64?
    var samples: [UInt32] = []
  }

  private let state = Mutex(State())

  init(room: Int) { state.withLock { $0.samples.reserveCapacity(room) } }

  /// Takes signals that have just been committed.
  func note(_ signals: [Signal]) {
    let now = Clock.now()
    state.withLock { state in
      for signal in signals where signal.rule == "probe" {
        guard let stamp = UInt64(signal.title) else { continue }
        if state.first == nil {
          state.first = stamp
          state.measuresFrom = stamp + UInt64(FlowSettings.warmUpSeconds) * 1_000_000_000
        }
        if stamp >= state.measuresFrom {
          state.samples.append(UInt32(clamping: (now &- stamp) / 100))
        }
      }
    }
  }

  /// When measuring begins; nil before the first probe.
  var beginning: UInt64? { state.withLock { $0.first == nil ? nil : $0.measuresFrom } }

  /// Percentiles in microseconds, of all samples and of the last quarter of them in time.
  func summary() -> (count: Int, all: [Double], end: [Double]) {
    let samples = state.withLock { $0.samples }
    return (samples.count, Latencies.percentiles(samples), Latencies.percentiles(samples.suffix(samples.count / 4)))
  }

  /// p50, p99, p99.9 and the maximum.
  private static func percentiles(_ samples: some Collection<UInt32>) -> [Double] {
    let sorted = samples.sorted()
    guard !sorted.isEmpty else { return [0, 0, 0, 0] }
    return [0.5, 0.99, 0.999, 1].map { part in
      Double(sorted[min(Int((Double(sorted.count) * part).rounded(.up)), sorted.count) - 1]) / 10
    }
  }
}
