public import CoreMetrics

/// A number that goes up and down.
public final class GaugeSeries: MeterHandler, RecorderHandler {
  private let number = AtomicNumber()

  init() {}

  /// Replaces the number.
  public func set(_ value: Int64) { number.set(Double(value)) }

  /// Replaces the number.
  public func set(_ value: Double) { number.set(value) }

  /// Adds to the number.
  public func increment(by amount: Double) { number.add(amount) }

  /// Takes from the number.
  public func decrement(by amount: Double) { number.add(-amount) }

  /// Replaces the number: a gauge of swift-metrics is a recorder that remembers one value.
  public func record(_ value: Int64) { set(value) }

  /// Replaces the number.
  public func record(_ value: Double) { set(value) }

  /// What it is now, as it is written.
  var text: String { PrometheusText.number(number.value) }
}
