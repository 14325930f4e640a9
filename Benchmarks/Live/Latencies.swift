internal import Foundation
internal import OrderFlow
internal import Synchronization

/// What the sink hears: for each probe, how long it took from its stamp on. Exact, every sample is kept.
final class Latencies: Sendable {
  private struct State {
    var measuresFrom = UInt64.max
    var first: UInt64?
    /// Tenths of a microsecond, and when it was sent.
    var samples: [(time: UInt32, stamp: UInt64)] = []
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
          state.samples.append((UInt32(clamping: (now &- stamp) / 100), stamp))
        }
      }
    }
  }

  /// When measuring begins; nil before the first probe.
  var beginning: UInt64? { state.withLock { $0.first == nil ? nil : $0.measuresFrom } }

  /// Percentiles in microseconds: of all samples, and what the middle one of all seconds has for its own.
  ///
  /// The latter hides what the machine did for others in a few of the seconds.
  func summary() -> (count: Int, all: [Double], second: [Double]) {
    let (samples, start) = state.withLock { ($0.samples, $0.measuresFrom) }
    let seconds = Dictionary(grouping: samples) { ($0.stamp - start) / 1_000_000_000 }.values.map { second in
      Latencies.percentiles(second.map(\.time))
    }
    let middle = (0..<4).map { place in
      let values = seconds.map { $0[place] }.sorted()
      return values.isEmpty ? 0 : values[values.count / 2]
    }
    return (samples.count, Latencies.percentiles(samples.map(\.time)), middle)
  }

  /// The same of what was sent in one of these stretches.
  func summary(of stretches: [ClosedRange<UInt64>]) -> (count: Int, all: [Double]) {
    let samples = state.withLock { $0.samples }.filter { sample in
      stretches.contains { $0.contains(sample.stamp) }
    }
    return (samples.count, Latencies.percentiles(samples.map(\.time)))
  }

  /// p50, p99, p99.9 and the maximum.
  private static func percentiles(_ samples: [UInt32]) -> [Double] {
    let sorted = samples.sorted()
    guard !sorted.isEmpty else { return [0, 0, 0, 0] }
    return [0.5, 0.99, 0.999, 1].map { part in
      let rank = Int((Double(sorted.count) * part).rounded(.up))
      return Double(sorted[min(max(rank, 1), sorted.count) - 1]) / 10
    }
  }
}
