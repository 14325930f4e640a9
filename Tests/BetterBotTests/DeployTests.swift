import Documents
import FoundationEssentials
import Testing

@testable import betterbot

/// What is in deploy/ is held to the metrics that there are.
@Suite struct DeployTests {
  private struct Dashboard: Decodable {
    struct Panel: Decodable {
      struct Target: Decodable { var expr: String }
      struct Place: Decodable { var x, y, w, h: Int }
      var id: Int
      var type, title: String
      var gridPos: Place
      var targets: [Target]?
    }
    var title: String
    var schemaVersion: Int
    var panels: [Panel]
  }

  /// The names of docs/metrics.md with their types.
  private func listed() throws -> [String: String] {
    let rows = try BetterBotTests.text("docs/metrics.md").matches(of: /\| `(betterbot_[a-z_]+)` \| (\w+) \|/)
    return Dictionary(rows.map { (String($0.1), String($0.2)) }) { first, _ in first }
  }

  /// Expects every metric of a text to be one that there is, and returns the names.
  @discardableResult
  private func expectKnown(_ text: String) throws -> Set<String> {
    let listed = try listed()
    let names = Set(text.matches(of: /\bbetterbot_[a-z_]+/).map { String($0.0) })
    for name in names where listed[name] == nil {
      let family = name.replacing(/_(bucket|sum|count)$/, with: "")
      #expect(listed[family] == "histogram", "\(name)")
    }
    return Set(names.map { listed[$0] == nil ? $0.replacing(/_(bucket|sum|count)$/, with: "") : $0 })
  }

  @Test("the alerts are YAML, each has what it needs, and each asks for metrics that there are")
  func alerts() throws {
    let text = try BetterBotTests.text("deploy/prometheus-alerts.yml")
    let tree = try YAMLText.parse(text, path: "alerts")
    guard case .list(let groups) = tree["groups"]?.content,
      case .list(let rules) = groups[0]["rules"]?.content
    else {
      Issue.record("there are no rules")
      return
    }
    #expect(rules.count > 20)
    #expect(Set(rules.compactMap { $0["alert"]?.text }).count == rules.count)
    for rule in rules {
      let name = rule["alert"]?.text ?? ""
      let expression = try #require(rule["expr"]?.text)
      #expect(
        try !expectKnown(expression).isEmpty || expression.hasPrefix("up{job=\"betterbot\"}"), "\(name)")
      #expect(["info", "warning", "critical"].contains(rule["labels"]?["severity"]?.text ?? ""), "\(name)")
      #expect(rule["annotations"]?["summary"]?.text?.isEmpty == false, "\(name)")
      #expect(rule["annotations"]?["description"]?.text?.hasSuffix(".") == true, "\(name)")
    }
  }

  @Test("the dashboard is JSON of Grafana, shows every part, and asks for metrics that there are")
  func dashboard() throws {
    let text = try BetterBotTests.text("deploy/grafana-dashboard.json")
    let dashboard = try JSONDecoder().decode(Dashboard.self, from: Data(text.utf8))
    #expect(dashboard.schemaVersion >= 39 && dashboard.panels.count > 30)
    #expect(Set(dashboard.panels.map(\.id)).count == dashboard.panels.count)
    for panel in dashboard.panels {
      #expect(panel.gridPos.x + panel.gridPos.w <= 24, "\(panel.title)")
      #expect(panel.type == "row" || panel.targets?.isEmpty == false, "\(panel.title)")
    }
    let shown = try expectKnown(
      dashboard.panels.flatMap { $0.targets ?? [] }.map(\.expr).joined(separator: "\n"))
    for part in ["orders", "end_to_end", "feed", "rule", "reloads", "subscribers", "webhook", "http"] {
      #expect(shown.contains { $0.hasPrefix("betterbot_\(part)") }, "\(part)")
    }
    try expectKnown(text.replacing("\"uid\": \"betterbot\"", with: ""))
  }

  @Test("the scrape example is YAML, with the token in a file and the alerts beside it")
  func scrape() throws {
    let tree = try YAMLText.parse(BetterBotTests.text("deploy/prometheus.yml"), path: "prometheus")
    guard case .list(let jobs) = tree["scrape_configs"]?.content else {
      Issue.record("there is no job")
      return
    }
    #expect(jobs[0]["job_name"]?.text == "betterbot" && jobs[0]["metrics_path"]?.text == "/metrics")
    #expect(jobs[0]["authorization"]?["credentials_file"]?.text?.hasPrefix("/") == true)
    #expect(jobs[0]["authorization"]?["credentials"] == nil)
    guard case .list(let files) = tree["rule_files"]?.content else { return }
    #expect(files.map(\.text) == ["prometheus-alerts.yml"])
  }
}
