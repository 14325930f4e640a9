import Broadcast
import Feeds
import RuleEngine
import Testing

@testable import Pipeline

@Suite struct MetricsTests {
  /// A run of which everything is known.
  private func status() throws -> LiveStatus {
    var status = LiveStatus()
    status.durability = "full"
    status.version = "0123456789abcdef"
    status.startedAt = 1_767_556_295_250
    status.orders = 12_345
    status.lag = 1250
    status.silence = 40
    status.diskTrouble = "betterbot.db: the disk is full"
    status.queueLimit = 8192
    status.prunedAt = 1_767_556_295_000
    status.reload.swaps = 3
    status.reload.pause = 2_500_000
    var feed = FeedStatus(name: "relay", kind: "dome")
    feed.state = .live
    feed.lastPayload = 1_767_556_296_000
    feed.audited = 1_767_556_294_000
    feed.lastError = "s3cret"
    status.feeds = [feed, FeedStatus(name: "rec", kind: "file")]
    let rule = Array("local R = rule { title = 't' }\nfunction R.on_order(o) end\nreturn R".utf8)
    let engine = try Engine(RuleSources(rules: [RuleSources.File(name: "whale", source: rule)]))
    status.rules = engine.totals
    status.rules[0].kills = 2
    status.rules[0].nanoseconds = 1_500_000_000
    return status
  }

  /// What an engine with all its parts prints.
  private func everything() throws -> String {
    let registry = PrometheusRegistry()
    let status = try status()
    registry.addCollector { status.write(to: &$0) }
    registry.addCollector { StreamCounts().write(to: &$0) }
    registry.addCollector { WebhookCountsView.write([WebhookCountsView(name: "ops")], to: &$0) }
    LiveMetrics(registry).note(orders: 3, commit: 200_000, latencies: [100_000, 300_000])
    // As the server's middleware does for each request.
    for name in ["betterbot_http_requests_total", "betterbot_http_request_seconds"] {
      registry.describe(name, PrometheusRegistry.Description("Requests."))
    }
    registry.counter(
      "betterbot_http_requests_total", [("route", "/v1/rules"), ("method", "GET"), ("status", "200")]
    ).increment(by: Int64(1))
    registry.timer("betterbot_http_request_seconds", [("route", "/v1/rules")]).record(0.001)
    return String(decoding: registry.text(), as: UTF8.self)
  }

  /// A family as a line: its name, its type and its labels.
  private static func line(_ name: some StringProtocol, _ kind: some StringProtocol, _ labels: [String])
    -> String
  {
    "\(name) \(kind) \(labels.sorted().joined(separator: ", "))"
  }

  /// The families of a text, with the labels of their samples.
  private func families(_ text: String) -> [String] {
    var kinds: [(name: String, kind: String)] = []
    var labels: [String: Set<String>] = [:]
    for line in text.split(separator: "\n") {
      if let match = line.wholeMatch(of: /# TYPE (\S+) (\S+)/) {
        kinds.append((String(match.1), String(match.2)))
      } else if let match = line.wholeMatch(of: /([a-z_]+)(?:\{(.*)\})? \S+/), let last = kinds.last {
        #expect(match.1.hasPrefix(last.name), "\(line)")
        let names = (match.2 ?? "").matches(of: /([a-z_]+)="/).map { String($0.1) }.filter { $0 != "le" }
        labels[last.name, default: []].formUnion(names)
      } else {
        #expect(line.hasPrefix("# HELP "), "\(line)")
      }
    }
    return kinds.map { MetricsTests.line($0.name, $0.kind, Array(labels[$0.name] ?? ["no sample"])) }
  }

  @Test("docs/metrics.md lists every family with its type and labels, and no other")
  func documented() throws {
    let page = try ProjectText.read("docs/metrics.md")
    let rows = page.matches(of: /\| `([a-z_]+)` \| (\w+) \| ([a-z, ]*) ?\| [^|\n]+ \|/)
    let listed = rows.map { row in
      let labels = row.3.split(separator: ",").map { String($0.filter { $0 != " " }) }.filter { !$0.isEmpty }
      return MetricsTests.line(row.1, row.2, labels)
    }
    #expect(listed.count > 60)
    #expect(Set(listed).count == listed.count)
    let printed = try families(everything())
    #expect(Set(printed).subtracting(listed) == [], "not in docs/metrics.md")
    #expect(Set(listed).subtracting(printed) == [], "not printed")
  }

  @Test("every family has its help, and figures are in seconds and bytes")
  func figures() throws {
    let text = try everything()
    for match in text.matches(of: /# TYPE (\S+)/) {
      #expect(text.contains("# HELP \(match.1) "), "\(match.1)")
    }
    for line in [
      "betterbot_orders_total 12345", "betterbot_lag_seconds 1.25", "betterbot_silence_seconds 0.04",
      "betterbot_disk_trouble 1", "betterbot_durability_info{durability=\"full\"} 1",
      "betterbot_rule_set_info{version=\"0123456789abcdef\"} 1",
      "betterbot_start_time_seconds 1767556295.25", "betterbot_reloads_total{outcome=\"swapped\"} 3",
      "betterbot_last_reload_pause_seconds 0.0025", "betterbot_last_reload_successful 1",
      "betterbot_feed_state{feed=\"relay\",state=\"live\"} 1",
      "betterbot_feed_state{feed=\"relay\",state=\"failed\"} 0",
      "betterbot_feed_audited_timestamp_seconds{feed=\"relay\"} 1767556294",
      "betterbot_rule_kills_total{rule=\"whale\"} 2", "betterbot_rule_cpu_seconds_total{rule=\"whale\"} 1.5",
      "betterbot_batch_orders_bucket{le=\"4\"} 1", "betterbot_commit_seconds_sum 0.0002",
      "betterbot_end_to_end_seconds_bucket{le=\"0.0001\"} 1", "betterbot_end_to_end_seconds_count 2",
      "betterbot_metrics_dropped_series_total 0",
    ] { #expect(text.contains("\n" + line + "\n"), "\(line)") }
    #expect(!text.contains("feed_audited_timestamp_seconds{feed=\"rec\"}"))
    #expect(!text.contains("s3cret") && !text.contains("disk is full"))
  }

  @Test("a run that has not begun has every family too, and says nothing that it does not know")
  func empty() {
    var text = PrometheusText()
    LiveStatus().write(to: &text)
    #expect(text.text.contains("# TYPE betterbot_lag_seconds gauge\n# HELP"))
    #expect(!text.text.contains("betterbot_start_time_seconds 0"))
    #expect(text.dropped == 0)
  }

  @Test(
    "the last reload counts as successful when every file is as it is on the disk",
    arguments: [
      (ReloadOutcome.Kind.running, true), (.partial, false), (.rejected, false), (.rolledBack, true),
      (.unchanged, true),
    ])
  func lastReload(_ kind: ReloadOutcome.Kind, _ isGood: Bool) {
    var status = LiveStatus()
    status.reload.lastSucceeded = !isGood
    status.note(ReloadOutcome(kind: kind, version: "a", previous: "b"))
    #expect(status.reload.lastSucceeded == isGood)
  }
}
