public import CoreMetrics

/// How often values fell into each of some buckets; times are in seconds.
///
/// A value is counted in the first bucket whose bound it does not exceed. Recording takes no lock.
public final class HistogramSeries: RecorderHandler, TimerHandler {
  /// Buckets for times, in seconds: from 50 µs to 10 s.
  public static let seconds = [
    0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
  ]
  /// Buckets for anything else.
  public static let amounts = [
    1.0, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000,
  ]
  /// Most buckets of a histogram, each of which is a series.
  static let mostBuckets = 40

  let bounds: [Double]
  private let nanosecondBounds: [UInt64]
  /// One more than bounds: what exceeds all of them.
  private let counts: [AtomicCount]
  private let sum = AtomicNumber()

  /// Bounds in any order; what is no number is left out.
  init(bounds: [Double]) {
    let bounds = Array(Set(bounds.filter(\.isFinite)).sorted().prefix(HistogramSeries.mostBuckets))
    self.bounds = bounds
    nanosecondBounds = bounds.map { UInt64(exactly: (max($0, 0) * 1e9).rounded()) ?? .max }
    counts = (0...bounds.count).map { _ in AtomicCount() }
  }

  /// Counts a value.
  public func record(_ value: Int64) { record(Double(value)) }

  /// Counts a value; what is no number is left out.
  public func record(_ value: Double) {
    guard value.isFinite else { return }
    counts[bounds.firstIndex { value <= $0 } ?? bounds.count].add(1)
    sum.add(value)
  }

  /// Counts a time; a negative one, of a clock that was set back, as 0.
  public func recordNanoseconds(_ duration: Int64) { recordNanoseconds(UInt64(max(duration, 0))) }

  /// Counts a time.
  public func recordNanoseconds(_ duration: UInt64) {
    counts[place(duration)].add(1)
    sum.add(Double(duration) / 1e9)
  }

  /// Counts many times at once: each bucket and the sum are touched once, however many there are.
  public func recordNanoseconds(_ durations: [UInt64]) {
    if durations.isEmpty { return }
    var tally = [UInt64](repeating: 0, count: counts.count)
    var total = 0.0
    for duration in durations {
      tally[place(duration)] &+= 1
      total += Double(duration)
    }
    for (place, count) in tally.enumerated() where count > 0 { counts[place].add(count) }
    sum.add(total / 1e9)
  }

  private func place(_ nanoseconds: UInt64) -> Int {
    nanosecondBounds.firstIndex { nanoseconds <= $0 } ?? nanosecondBounds.count
  }

  /// Writes what has been counted; the total is that of the buckets, so that the two agree.
  func write(_ labels: String, to family: inout PrometheusText.Family) {
    family.histogram(written: labels, bounds: bounds, counts: counts.map(\.value), sum: sum.value)
  }
}
