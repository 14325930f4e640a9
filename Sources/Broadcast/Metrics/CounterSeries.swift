public import CoreMetrics

/// A number that only grows, from whole and broken amounts.
public final class CounterSeries: CounterHandler, FloatingPointCounterHandler {
  private let whole = AtomicCount()
  private let broken = AtomicNumber()

  init() {}

  /// Adds; what is negative is no count and is left out.
  public func increment(by amount: Int64) {
    if amount > 0 { whole.add(UInt64(amount)) }
  }

  /// Adds; what is negative or no number is left out.
  public func increment(by amount: Double) {
    if amount > 0, amount.isFinite { broken.add(amount) }
  }

  /// Begins at zero again, which Prometheus takes for a restart.
  public func reset() {
    whole.reset()
    broken.set(0)
  }

  /// What it is now, as it is written.
  var text: String {
    let broken = broken.value
    return broken == 0 ? "\(whole.value)" : PrometheusText.number(Double(whole.value) + broken)
  }
}
