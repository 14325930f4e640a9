import Documents
import Feeds
import Journal
import Logging
import Pipeline

/// Makes a configuration of values whatever layer they came from.
enum ConfigurationReader {
  /// Checks every key; the first that is wrong is thrown.
  static func configuration(_ tree: PlacedValue) throws(PlacedProblem) -> Configuration {
    let top = try PlacedMap(tree, path: "")
    try top.allow(ConfigurationKeys.top)
    var result = Configuration()
    if let rules = try top.text("rules", "the folder of rules") { result.rules = rules }
    if let database = try top.text("db", "the path of the journal") { result.database = database }
    if let durability = try top.read("durability", "full or normal", { Durability(rawValue: $0) }) {
      result.durability = durability
    }
    if let lateness = try top.duration("lateness") { result.lateness = lateness }
    if let threads = try top.number("threads", 1...32) { result.threads = threads }
    result.socket = try top.text("socket", "a path")
    result.retention = try retention(top)
    result.reload = try reload(top)
    result.log = try log(top)
    result.api = try APIReader.read(top)
    result.parameters = try parameters(top)
    result.feeds = try feeds(top)
    return result
  }

  private static func retention(
    _ top: PlacedMap
  ) throws(PlacedProblem) -> Configuration.RetentionLimits? {
    guard let value = top["retention"] else { return nil }
    let section = try PlacedMap(value, path: "retention")
    try section.allow(ConfigurationKeys.retention)
    let limits = Configuration.RetentionLimits(
      days: try section.number("days", 0...999_999_999), rows: try section.number("rows", 0...999_999_999))
    return limits.days == nil && limits.rows == nil ? nil : limits
  }

  private static func reload(_ top: PlacedMap) throws(PlacedProblem) -> ReloadOptions {
    var options = ReloadOptions()
    guard let value = top["reload"] else { return options }
    let section = try PlacedMap(value, path: "reload")
    try section.allow(ConfigurationKeys.reload)
    if let watches = try section.flag("watch") { options.watches = watches }
    if let isPartial = try section.flag("partial") { options.isPartial = isPartial }
    if let isTested = try section.flag("tests") { options.isTested = isTested }
    if let quiet = try section.duration("quiet") { options.quiet = quiet }
    if options.quiet > .seconds(60) {
      throw PlacedProblem(
        section["quiet"]?.origin ?? section.origin, "\(section.name("quiet")) must be at most 60s")
    }
    return options
  }

  private static func log(_ top: PlacedMap) throws(PlacedProblem) -> LogOptions {
    var options = LogOptions()
    guard let value = top["log"] else { return options }
    let section = try PlacedMap(value, path: "log")
    try section.allow(ConfigurationKeys.log)
    if let format = try section.read("format", "text or json", { LogOptions.Format(rawValue: $0) }) {
      options.format = format
    }
    let levels = "trace, debug, info, notice, warning, error or critical"
    if let level = try section.read("level", levels, { Logger.Level(rawValue: $0) }) {
      options.level = level
    }
    return options
  }

  private static func parameters(
    _ top: PlacedMap
  ) throws(PlacedProblem) -> [String: [String: String]] {
    guard let value = top["params"] else { return [:] }
    var result: [String: [String: String]] = [:]
    for rule in try PlacedMap(value, path: "params").entries {
      let section = try PlacedMap(rule.value, path: "params.\(rule.key)")
      for entry in section.entries {
        let text = try section.read(entry.key, "one value, such as 50000 or 10m") { $0 }
        result[rule.key, default: [:]][entry.key] = text
      }
    }
    return result
  }

  private static func feeds(_ top: PlacedMap) throws(PlacedProblem) -> [FeedSettings] {
    guard let value = top["feeds"] else {
      return [FeedSettings(name: "polymarket", kind: .polymarket(PolymarketSettings()))]
    }
    let section = try PlacedMap(value, path: "feeds")
    if section.entries.isEmpty {
      throw PlacedProblem(
        value.origin, "feeds is empty: name a feed, or leave feeds out for Polymarket's")
    }
    if section.entries.count > 64 { throw PlacedProblem(value.origin, "there are more than 64 feeds") }
    var result: [FeedSettings] = []
    for entry in section.entries {
      guard isName(entry.key) else {
        throw PlacedProblem(
          entry.value.origin,
          "the feed's name '\(entry.key)' must be small letters, digits, - and _, begin with a letter and be "
            + "at most 32 long")
      }
      result.append(try FeedReader.feed(entry.key, entry.value))
    }
    return result
  }

  /// `[a-z][a-z0-9_-]{0,31}`.
  static func isName(_ text: String) -> Bool {
    text.wholeMatch(of: /[a-z][a-z0-9_\-]{0,31}/) != nil
  }
}
