import OrderFlow
import Testing

@testable import RuleEngine

@Suite("Shipped rules and the guide")
struct EngineGuideTests {
  /// Whole rules in docs/rules.md: code blocks that begin with `-- rules/NAME.lua`.
  private static let blocks: [(name: String, source: String)] = {
    ProjectFiles.text("docs/rules.md").split(separator: "```lua\n").dropFirst().compactMap { part in
      guard let end = part.firstRange(of: "\n```") else { return nil }
      let source = part[..<end.lowerBound]
      guard let match = source.firstMatch(of: /^-- rules\/([a-z0-9_]+)\.lua\n/) else { return nil }
      return (String(match.1), String(source))
    }
  }()

  private static var libraries: [String: String] {
    var result: [String: String] = [:]
    for file in ProjectFiles.names(in: "rules/lib", suffix: ".lua") {
      result[String(file.dropLast(4))] = ProjectFiles.text("rules/lib/\(file)")
    }
    return result
  }

  @Test("every whole rule of the guide loads and runs over orders without an error")
  func guide() throws {
    #expect(EngineGuideTests.blocks.count >= 8)
    for (name, source) in EngineGuideTests.blocks {
      var engine = TestEngine(rules: [name: source])
      engine.libraries = EngineGuideTests.libraries
      // One that listens finds nobody here, which is an error unless it is to run alone.
      engine.options.only = name
      let run = try engine.run(WindowTests.flow(12, 300))
      #expect(run.failures.map(\.message) == [], "\(name)")
    }
  }

  @Test("every shipped rule loads, alone and together, and runs over orders without an error")
  func shipped() throws {
    var rules: [String: String] = [:]
    for file in ProjectFiles.names(in: "rules", suffix: ".lua") {
      rules[String(file.dropLast(4))] = ProjectFiles.text("rules/\(file)")
    }
    #expect(
      Set(rules.keys).isSuperset(of: [
        "whale_order", "wallet_velocity", "whale_cluster", "tracked_wallet", "sweep", "consensus",
      ]))
    var engine = TestEngine(rules: rules)
    engine.libraries = EngineGuideTests.libraries
    engine.labels = ["0xa": "sharp", "0xb": "unheard of"]
    var orders = WindowTests.flow(13, 600)
    for place in orders.indices {
      orders[place].usd *= 10_000
      if place % 5 == 0 { orders[place].market = ""; orders[place].label = "" }
    }
    let run = try engine.run(orders, threads: 2)
    #expect(run.failures.map(\.message) == [])
    #expect(Set(run.signals.map(\.rule)) == Set(rules.keys))
    for (name, source) in rules {
      engine.options.only = name
      let alone = try engine.run(orders, batch: 7)
      let hearsOthers = source.contains("listens")
      #expect(alone.signals == (hearsOthers ? [] : run.signals.filter { $0.rule == name }), "\(name)")
    }
  }
}
