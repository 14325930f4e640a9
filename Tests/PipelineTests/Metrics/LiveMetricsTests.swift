import Broadcast
import Simulator
import Testing

@testable import Pipeline

/// A whole run, scraped as it goes and at its end.
@Suite(.serialized, .timeLimit(.minutes(3))) struct LiveMetricsTests {
  private func value(_ registry: PrometheusRegistry, _ series: String) -> Double? {
    String(decoding: registry.text(), as: UTF8.self).split(separator: "\n")
      .first { $0.hasPrefix(series + " ") }.flatMap { Double($0.dropFirst(series.utf8.count + 1)) }
  }

  @Test("what a run's metrics say is what it did, and its histograms hold each message once")
  func run() async throws {
    let trial = try LiveTrial([
      "big": TestRules.big,
      "endless": "local R = rule { title = 't' }\nfunction R.on_order(o) while true do end end\nreturn R",
    ])
    let venue = try await LiveTrial.venue(400, rate: 400)
    let registry = PrometheusRegistry()
    let status = try await trial.run([LiveTrial.feed(venue)]) { options in
      options.metrics = registry
      options.retention = LiveOptions.Retention(days: nil, rows: 100)
    } _: { run in
      try await LiveTrial.until("every order is there, and the journal is cut") {
        run.status.orders >= UInt64(venue.status().total) && run.status.pruned > 0
      }
    }
    await venue.stop()
    #expect(value(registry, "betterbot_orders_total") == Double(status.orders))
    #expect(value(registry, "betterbot_signals_total") == Double(status.signals))
    #expect(value(registry, "betterbot_batch_orders_sum") == Double(status.orders))
    #expect(value(registry, "betterbot_retention_deleted_rows_total") == Double(status.pruned))
    let commits = try #require(value(registry, "betterbot_commit_seconds_count"))
    #expect(commits > 0 && commits == value(registry, "betterbot_batch_orders_count"))
    let messages = try #require(value(registry, "betterbot_end_to_end_seconds_count"))
    #expect(messages > 0 && messages <= Double(status.feeds[0].messages))
    let kills = try #require(value(registry, "betterbot_rule_kills_total{rule=\"endless\"}"))
    #expect(kills > 0 && kills == value(registry, "betterbot_rule_errors_total{rule=\"endless\"}"))
    #expect(value(registry, "betterbot_rule_quarantined{rule=\"endless\"}") == 1)
    #expect(value(registry, "betterbot_metrics_dropped_series_total") == 0)
    #expect(status.json.contains("\"kills\":\(Int(kills)),\"undecided_absences\":0"))
    #expect(status.json.contains("\"retention\":{\"rows_deleted\":\(status.pruned),\"last_run\":"))
  }
}
