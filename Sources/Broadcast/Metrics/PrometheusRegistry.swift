public import CoreMetrics
import Synchronization

/// Keeps the metrics of a process and writes them for Prometheus; swift-metrics records into it.
///
/// A name has at most 1,000 series, and there are at most 500 names; what is beyond is counted and not kept.
/// A series stays once it is there. Looking one up takes a lock, recording does not.
public final class PrometheusRegistry: MetricsFactory {
  /// What is known of a metric before anybody records it.
  public struct Description: Sendable {
    /// One sentence, for `# HELP`.
    public var help: String
    /// Bounds of a histogram; nil for the usual ones.
    public var buckets: [Double]?

    /// A description.
    public init(_ help: String, buckets: [Double]? = nil) {
      self.help = help
      self.buckets = buckets
    }
  }

  /// Writes families whose numbers are kept elsewhere; called at each scrape, from any thread.
  public typealias Collector = @Sendable (inout PrometheusText) -> Void

  private enum Series: Sendable {
    case counter(CounterSeries)
    case gauge(GaugeSeries)
    case histogram(HistogramSeries)
  }

  private struct Family: Sendable {
    var kind: PrometheusText.Kind
    var series: [String: Series] = [:]
  }

  private struct State: Sendable {
    var families: [String: Family] = [:]
    var descriptions: [String: Description] = [:]
    var collectors: [Collector] = []
  }

  private static let mostFamilies = 500
  private let state = Mutex(State())
  private let dropped = AtomicCount()

  /// Nothing has been recorded yet.
  public init() {}

  /// Says what a metric means, by the name that it is written with; before anything records it.
  public func describe(_ name: String, _ description: Description) {
    state.withLock { $0.descriptions[PrometheusName.metric(name)] = description }
  }

  /// Asks `collector` at each scrape as well.
  public func addCollector(_ collector: @escaping Collector) {
    state.withLock { $0.collectors.append(collector) }
  }

  // MARK: Series

  /// The counter of these labels; `_total` ends its name.
  public func counter(_ name: String, _ labels: [(String, String)] = []) -> CounterSeries {
    let name = PrometheusRegistry.name(name, ending: "_total")
    let new = Series.counter(CounterSeries())
    if case .counter(let series) = series(name, .counter, labels, new) { return series }
    return CounterSeries()
  }

  /// The gauge of these labels.
  public func gauge(_ name: String, _ labels: [(String, String)] = []) -> GaugeSeries {
    let new = Series.gauge(GaugeSeries())
    if case .gauge(let series) = series(PrometheusName.metric(name), .gauge, labels, new) { return series }
    return GaugeSeries()
  }

  /// The histogram of these labels, of anything but times.
  public func histogram(_ name: String, _ labels: [(String, String)] = []) -> HistogramSeries {
    histogram(PrometheusName.metric(name), labels, else: HistogramSeries.amounts)
  }

  /// The histogram of times of these labels; `_seconds` ends its name.
  public func timer(_ name: String, _ labels: [(String, String)] = []) -> HistogramSeries {
    histogram(PrometheusRegistry.name(name, ending: "_seconds"), labels, else: HistogramSeries.seconds)
  }

  private func histogram(
    _ name: String, _ labels: [(String, String)], else bounds: [Double]
  ) -> HistogramSeries {
    let bounds = state.withLock { $0.descriptions[name]?.buckets } ?? bounds
    let new = HistogramSeries(bounds: bounds)
    if case .histogram(let series) = series(name, .histogram, labels, .histogram(new)) { return series }
    return new
  }

  /// The series that is there, or `new`, which is kept when there is room for it.
  private func series(
    _ name: String, _ kind: PrometheusText.Kind, _ labels: [(String, String)], _ new: Series
  ) -> Series {
    let labels = PrometheusName.labels(labels.sorted { $0.0 < $1.0 })
    return state.withLock { state in
      if let family = state.families[name] {
        if family.kind == kind, let series = family.series[labels] { return series }
        if family.kind != kind || family.series.count >= PrometheusText.mostSeries {
          dropped.add(1)
          return new
        }
      } else if state.families.count >= PrometheusRegistry.mostFamilies {
        dropped.add(1)
        return new
      }
      state.families[name, default: Family(kind: kind)].series[labels] = new
      return new
    }
  }

  private static func name(_ name: String, ending: String) -> String {
    let name = PrometheusName.metric(name)
    return name.hasSuffix(ending) ? name : name + ending
  }

  // MARK: Writing

  /// Everything as a text of `PrometheusText.contentType`.
  public func text() -> [UInt8] {
    let state = state.withLock { $0 }
    var text = PrometheusText()
    for (name, family) in state.families.sorted(by: { $0.key < $1.key }) {
      text.family(name, family.kind, state.descriptions[name]?.help ?? "") { out in
        for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
          switch series {
          case .counter(let counter): out.sample(written: labels, counter.text)
          case .gauge(let gauge): out.sample(written: labels, gauge.text)
          case .histogram(let histogram): histogram.write(labels, to: &out)
          }
        }
      }
    }
    for collector in state.collectors { collector(&text) }
    dropped.add(text.dropped)
    text.family(
      "betterbot_metrics_dropped_series_total", .counter,
      "Times a series was left out, because its name had 1,000 already or another meaning.", dropped.value)
    return text.bytes
  }

  // MARK: swift-metrics

  /// A counter of swift-metrics.
  public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    counter(label, dimensions)
  }

  /// A counter of swift-metrics that takes fractions.
  public func makeFloatingPointCounter(
    label: String, dimensions: [(String, String)]
  ) -> any FloatingPointCounterHandler {
    counter(label, dimensions)
  }

  /// A meter of swift-metrics.
  public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    gauge(label, dimensions)
  }

  /// A recorder of swift-metrics: a histogram when it aggregates, else a gauge.
  public func makeRecorder(
    label: String, dimensions: [(String, String)], aggregate: Bool
  ) -> any RecorderHandler {
    if aggregate { return histogram(label, dimensions) }
    return gauge(label, dimensions)
  }

  /// A timer of swift-metrics: a histogram in seconds.
  public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    timer(label, dimensions)
  }

  // Others may hold the same series, and a counter must not begin anew: nothing is destroyed.

  /// Keeps the series.
  public func destroyCounter(_ handler: any CounterHandler) {}
  /// Keeps the series.
  public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
  /// Keeps the series.
  public func destroyMeter(_ handler: any MeterHandler) {}
  /// Keeps the series.
  public func destroyRecorder(_ handler: any RecorderHandler) {}
  /// Keeps the series.
  public func destroyTimer(_ handler: any TimerHandler) {}
}
