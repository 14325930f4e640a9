import Documents
import Feeds
import RuleKit
import Testing

@testable import betterbot

@Suite struct ExampleConfigurationTests {
  @Test("the example means what BetterBot does without a file, but for one parameter")
  func asItIs() throws {
    var result = try ConfigurationReader.configuration(
      YAMLText.parse(BetterBotTests.text("betterbot.example.yaml"), path: "example"))
    #expect(result.parameters == ["whale_order": ["min_usd": "25000"]])
    result.parameters = [:]
    #expect(result == (try Configuration.read(environment: [:])))
  }

  @Test("the settings of a new workspace are the example's, and mean what BetterBot does without a file")
  func workspace() throws {
    let example = try BetterBotTests.text("betterbot.example.yaml")
    #expect(String(decoding: PackageResources.betterbot_example_yaml, as: UTF8.self) == example)
    let text = Workspace.configuration(example: example)
    let result = try ConfigurationReader.configuration(YAMLText.parse(text, path: "betterbot.yaml"))
    #expect(result == (try Configuration.read(environment: [:])))
  }

  /// The example with the settings in use that are commented out.
  private func all() throws -> String {
    let lines = try BetterBotTests.text("betterbot.example.yaml").split(
      separator: "\n", omittingEmptySubsequences: false)
    return lines.map { line in
      if let match = line.wholeMatch(of: /( *)#(\w.*)/) { return "\(match.1)\(match.2)" }
      if let match = line.wholeMatch(of: /#(  \w.*)/) { return String(match.1) }
      return String(line)
    }.joined(separator: "\n")
  }

  @Test("with everything in use that is commented out, every key is known, and every known key is there")
  func everyKey() throws {
    var tree = try YAMLText.parse(all(), path: "example")
    for key in ConfigurationKeys.top { #expect(tree[key] != nil, "\(key)") }
    for key in ConfigurationKeys.retention { #expect(tree["retention"]?[key] != nil, "\(key)") }
    for key in ConfigurationKeys.reload { #expect(tree["reload"]?[key] != nil, "\(key)") }
    for key in ConfigurationKeys.log { #expect(tree["log"]?[key] != nil, "\(key)") }
    for key in ConfigurationKeys.api { #expect(tree["api"]?[key] != nil, "\(key)") }
    for key in ConfigurationKeys.jwt { #expect(tree["api"]?["jwt"]?[key] != nil, "\(key)") }
    let feeds = try #require(tree["feeds"])
    for feed in feeds.entries {
      let kind = try #require(feed.value["kind"]?.text)
      for key in ConfigurationKeys.byKind[kind] ?? [] where key != "key" {
        #expect(feed.value[key] != nil, "\(feed.key).\(key)")
      }
    }
    // The file with the key is not there.
    tree.set(["feeds", "relay", "key_file"], PlacedValue(.nothing, origin: ""))
    let result = try ConfigurationReader.configuration(tree)
    #expect(result.feeds.map(\.kindName) == ["polymarket", "dome", "file"])
  }

  @Test("defaults that the example names are the defaults")
  func defaults() throws {
    let lines = try all().split(separator: "\n").filter { !$0.contains("ca: ") }
    let text = lines.joined(separator: "\n")
    let start = try #require(text.firstRange(of: "  polymarket:\n"))
    let end = try #require(text.firstRange(of: "  # A relay"))
    let tree = try YAMLText.parse(
      "feeds:\n" + text[start.lowerBound..<end.lowerBound], path: "example")
    #expect(
      try ConfigurationReader.configuration(tree).feeds == [
        FeedSettings(name: "polymarket", kind: .polymarket(PolymarketSettings()))
      ])
  }
}
