import CoreMetrics
import Testing

@testable import Broadcast

@Suite struct PrometheusRegistryTests {
  private func text(_ registry: PrometheusRegistry) -> String {
    String(decoding: registry.text(), as: UTF8.self)
  }

  /// The line that begins so, without its beginning.
  private func value(_ registry: PrometheusRegistry, _ series: String) -> String? {
    text(registry).split(separator: "\n").first { $0.hasPrefix(series + " ") }.map {
      String($0.dropFirst(series.utf8.count + 1))
    }
  }

  @Test("what swift-metrics records comes out, whatever its kind")
  func kinds() {
    let registry = PrometheusRegistry()
    let labels = [("http.route", "/v1/{id}"), ("a", "b")]
    Counter(label: "hb.requests", dimensions: labels, factory: registry).increment(by: 3)
    Counter(label: "hb.requests", dimensions: labels.reversed(), factory: registry).increment()
    #expect(value(registry, "hb_requests_total{a=\"b\",http_route=\"/v1/{id}\"}") == "4")
    let money = FloatingPointCounter(label: "money_total", factory: registry)
    money.increment(by: 0.25)
    money.increment(by: -1)
    #expect(value(registry, "money_total") == "0.25")
    let meter = Meter(label: "active", factory: registry)
    meter.set(5)
    meter.decrement()
    #expect(value(registry, "active") == "4")
    Gauge(label: "size", factory: registry).record(7)
    #expect(value(registry, "size") == "7")
    Recorder(label: "batch", factory: registry).record(3)
    #expect(value(registry, "batch_bucket{le=\"2\"}") == "0")
    #expect(value(registry, "batch_bucket{le=\"5\"}") == "1")
    Timer(label: "http.duration", factory: registry).recordMilliseconds(3)
    #expect(value(registry, "http_duration_seconds_bucket{le=\"0.0025\"}") == "0")
    #expect(value(registry, "http_duration_seconds_bucket{le=\"0.005\"}") == "1")
    #expect(value(registry, "http_duration_seconds_bucket{le=\"+Inf\"}") == "1")
    #expect(value(registry, "http_duration_seconds_sum") == "0.003")
    #expect(value(registry, "http_duration_seconds_count") == "1")
    #expect(text(registry).contains("# TYPE hb_requests_total counter\n"))
    #expect(text(registry).contains("# TYPE http_duration_seconds histogram\n"))
  }

  @Test("a value on a bound belongs to its bucket; many times at once count like one after another")
  func buckets() {
    let registry = PrometheusRegistry()
    registry.describe("t_seconds", PrometheusRegistry.Description("Times.", buckets: [0.001, .nan, 0.0005]))
    let (one, many) = (registry.timer("t", [("k", "one")]), registry.timer("t", [("k", "many")]))
    let times: [UInt64] = [0, 499_999, 500_000, 500_001, 1_000_000, 1_000_001, .max]
    for time in times { one.recordNanoseconds(time) }
    many.recordNanoseconds(times)
    many.recordNanoseconds([UInt64]())
    for k in ["one", "many"] {
      #expect(value(registry, "t_seconds_bucket{k=\"\(k)\",le=\"0.0005\"}") == "3")
      #expect(value(registry, "t_seconds_bucket{k=\"\(k)\",le=\"0.001\"}") == "5")
      #expect(value(registry, "t_seconds_bucket{k=\"\(k)\",le=\"+Inf\"}") == "7")
    }
    one.recordNanoseconds(Int64(-5))
    one.record(Double.nan)
    #expect(value(registry, "t_seconds_count{k=\"one\"}") == "8")
    #expect(text(registry).contains("# HELP t_seconds Times.\n"))
  }

  @Test("a counter takes what no count can be, and does not break")
  func foreignAmounts() {
    let registry = PrometheusRegistry()
    let counter = registry.counter("a")
    for amount in [Int64.min, -1, 0, 2] { counter.increment(by: amount) }
    for amount in [Double.nan, .infinity, -.infinity, -0.5] { counter.increment(by: amount) }
    #expect(value(registry, "a_total") == "2")
    counter.reset()
    #expect(value(registry, "a_total") == "0")
  }

  @Test("a name has at most a thousand series; what is beyond still works, is counted and not shown")
  func bounded() {
    let registry = PrometheusRegistry()
    for number in 0..<1_010 { registry.counter("a", [("x", "\(number)")]).increment(by: Int64(1)) }
    #expect(text(registry).split(separator: "\n").filter { $0.hasPrefix("a_total{") }.count == 1_000)
    #expect(value(registry, "betterbot_metrics_dropped_series_total") == "10")
    for number in 0..<600 { registry.gauge("g\(number)").set(1.0) }
    #expect(text(registry).split(separator: "\n").filter { $0.hasPrefix("# TYPE g") }.count == 499)
  }

  @Test("a name keeps its kind")
  func kindConflict() {
    let registry = PrometheusRegistry()
    registry.gauge("a_total").set(Int64(1))
    registry.counter("a").increment(by: Int64(5))
    registry.histogram("a_total").record(Int64(1))
    #expect(value(registry, "a_total") == "1")
    #expect(value(registry, "betterbot_metrics_dropped_series_total") == "2")
  }

  @Test("collectors write at each scrape, and cannot take a name that is there")
  func collectors() {
    let registry = PrometheusRegistry()
    registry.gauge("mine").set(1.0)
    registry.addCollector { text in
      text.family("mine", .counter, "Not.", 9)
      text.family("theirs", .gauge, "Yes.", 2.5)
    }
    #expect(value(registry, "mine") == "1")
    #expect(value(registry, "theirs") == "2.5")
    #expect(value(registry, "betterbot_metrics_dropped_series_total") == "3")
  }

  @Test("many threads lose nothing")
  func threads() async {
    let registry = PrometheusRegistry()
    await withTaskGroup(of: Void.self) { group in
      for task in 0..<8 {
        group.addTask {
          for number in 0..<2_000 {
            registry.counter("c").increment(by: Int64(1))
            registry.counter("f").increment(by: 0.5)
            registry.timer("t").recordNanoseconds(UInt64(number))
            registry.gauge("g").increment(by: task.isMultiple(of: 2) ? 1 : -1)
            if number.isMultiple(of: 500) { _ = registry.text() }
          }
        }
      }
    }
    #expect(value(registry, "c_total") == "16000")
    #expect(value(registry, "f_total") == "8000")
    #expect(value(registry, "t_seconds_count") == "16000")
    #expect(value(registry, "g") == "0")
  }

  @Test("streams and webhooks have their families, with a label for each reason and each webhook")
  func views() {
    var text = PrometheusText()
    var streams = StreamCounts()
    streams.webSockets = 3
    streams.closed = [.slow: 2]
    streams.write(to: &text)
    var webhook = WebhookCountsView(name: "ops")
    webhook.dead = 4
    webhook.isDisabled = true
    WebhookCountsView.write([webhook], to: &text)
    for line in [
      "betterbot_subscribers{kind=\"websocket\"} 3", "betterbot_stream_closed_total{reason=\"slow\"} 2",
      "betterbot_stream_closed_total{reason=\"trouble\"} 0",
      "betterbot_webhook_dead_letters_total{webhook=\"ops\"} 4",
      "betterbot_webhook_disabled{webhook=\"ops\"} 1",
    ] { #expect(text.text.contains(line + "\n"), "\(line)") }
    #expect(text.dropped == 0)
  }
}
