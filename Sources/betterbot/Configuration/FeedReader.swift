import Documents
import Feeds

/// Reads one feed of the configuration.
enum FeedReader {
  /// The kinds in the order that messages list them.
  static let kinds = ["polymarket", "dome", "file"]

  /// The settings of a feed.
  static func feed(_ name: String, _ value: PlacedValue) throws(PlacedProblem) -> FeedSettings {
    let section = try PlacedMap(value, path: "feeds.\(name)")
    guard let kindValue = section["kind"] else {
      throw PlacedProblem(section.origin, "\(section.path).kind is missing: polymarket, dome or file")
    }
    guard let kind = kindValue.text, let keys = ConfigurationKeys.byKind[kind] else {
      let near = NearestName.nearest(kindValue.words, of: kinds).map { " (did you mean '\($0)'?)" } ?? ""
      throw PlacedProblem(
        kindValue.origin,
        "\(section.path).kind must be polymarket, dome or file, not \(kindValue.words)\(near)")
    }
    for entry in section.entries where !keys.contains(entry.key) && ConfigurationKeys.feed.contains(entry.key)
    {
      throw PlacedProblem(
        entry.value.origin, "\(section.name(entry.key)) is no key of a feed of kind \(kind)")
    }
    try section.allow(keys)
    switch kind {
    case "polymarket": return FeedSettings(name: name, kind: .polymarket(try polymarket(section)))
    case "dome": return FeedSettings(name: name, kind: .dome(try dome(section)))
    default: return FeedSettings(name: name, kind: .file(try file(section)))
    }
  }

  private static func polymarket(
    _ section: PlacedMap
  ) throws(PlacedProblem) -> PolymarketSettings {
    var settings = PolymarketSettings()
    if let url = try section.url("url", ["wss", "ws"]) { settings.url = url }
    try recovery(section, &settings.recovery)
    try reconnect(section, &settings.reconnect)
    settings.certificateFile = try section.text("ca", "the path of a PEM file")
    if let silence = try section.duration("silence") { settings.silence = silence }
    return settings
  }

  private static func dome(_ section: PlacedMap) throws(PlacedProblem) -> DomeSettings {
    guard let url = try section.url("url", ["wss", "ws"]) else {
      throw PlacedProblem(section.origin, "\(section.path).url is missing: the relay, wss://… or ws://…")
    }
    var settings = DomeSettings(url: url, restURL: nil, key: try key(section))
    try recovery(section, &settings.recovery)
    try reconnect(section, &settings.reconnect)
    settings.certificateFile = try section.text("ca", "the path of a PEM file")
    if let filter = try filter(section) { settings.filter = filter }
    if let size = try section.number("subscription_size", 1...100_000) { settings.subscriptionSize = size }
    if let limit = try section.number("subscription_limit", 1...100_000) {
      settings.subscriptionLimit = limit
    }
    if let silence = try section.optionalDuration("silence") {
      settings.silence = silence
    } else if settings.filter != .everything {
      // A wallet may be quiet for hours.
      settings.silence = nil
    }
    return settings
  }

  private static func file(_ section: PlacedMap) throws(PlacedProblem) -> FileSettings {
    guard let path = try section.text("path", "the path of a recording, or -") else {
      throw PlacedProblem(section.origin, "\(section.path).path is missing: a recording, or -")
    }
    var settings = FileSettings(path: path)
    let speed = try section.read("speed", "a speed such as 1x, 10x, 0.5x or max") { text -> Double?? in
      if text == "max" { return .some(.none) }
      guard text.hasSuffix("x"), let number = decimal(String(text.dropLast()), 0.001...1_000_000) else {
        return .none
      }
      return .some(number)
    }
    if let speed { settings.speed = speed }
    if let loops = try section.flag("loop") { settings.loops = loops }
    if settings.loops, path == "-" {
      throw PlacedProblem(section.origin, "\(section.path).loop: standard input can be read once only")
    }
    return settings
  }

  private static func recovery(
    _ section: PlacedMap, _ settings: inout RecoverySettings
  ) throws(PlacedProblem) {
    if section["rest"]?.text == "off" {
      settings.url = nil
    } else if let url = try section.url("rest", ["https", "http"]) {
      settings.url = url
    }
    if let audit = try section.optionalDuration("audit") { settings.auditEvery = audit }
    if let margin = try section.duration("margin") { settings.margin = margin }
    if let overlap = try section.duration("overlap") { settings.overlap = overlap }
    let rate = try section.read("requests_per_second", "a number from 0.01 to 1000") {
      decimal($0, 0.01...1000)
    }
    if let rate { settings.requestsPerSecond = rate }
    if let audit = settings.auditEvery, audit < .seconds(1) {
      throw PlacedProblem(
        section["audit"]?.origin ?? section.origin, "\(section.name("audit")) must be at least 1s, or off")
    }
  }

  private static func reconnect(
    _ section: PlacedMap, _ settings: inout ReconnectSettings
  ) throws(PlacedProblem) {
    if let first = try section.duration("reconnect") { settings.first = first }
    if let longest = try section.duration("reconnect_limit") { settings.longest = longest }
    if settings.first < .milliseconds(10) || settings.longest < settings.first {
      throw PlacedProblem(
        section["reconnect"]?.origin ?? section.origin,
        "\(section.name("reconnect")) must be at least 10ms, and not above reconnect_limit")
    }
  }

  /// The key itself, or what the first line of `key_file` says; no message shows it.
  private static func key(_ section: PlacedMap) throws(PlacedProblem) -> String? {
    func check(_ text: String) -> String? {
      // It becomes a part of a path and a header.
      let isPlain = text.utf8.allSatisfy { (0x21..<0x7F).contains($0) && $0 != UInt8(ascii: "/") }
      return isPlain && !text.isEmpty && text.utf8.count <= 1024 ? text : nil
    }
    let wanted = "a key: visible ASCII characters without / and spaces"
    let key = try section.read("key", wanted, isSecret: true, check)
    guard let path = try section.text("key_file", "the path of a file with the key"),
      let origin = section["key_file"]?.origin
    else { return key }
    if key != nil {
      throw PlacedProblem(origin, "\(section.path) has a key and a key_file: choose one")
    }
    let bytes: [UInt8]
    do throws(PlacedProblem) {
      bytes = try ConfigurationFile.contents(path, limit: 65_536)
    } catch {
      throw PlacedProblem(origin, "\(section.name("key_file")): \(error.message)")
    }
    let line = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).first?.trimmed ?? ""
    guard let key = check(line) else {
      throw PlacedProblem(origin, "\(section.name("key_file")): \(path) must hold \(wanted)")
    }
    return key
  }

  private static func filter(
    _ section: PlacedMap
  ) throws(PlacedProblem) -> DomeSettings.Filter? {
    guard let value = section["subscribe"] else { return nil }
    let wanted = "everything, watchlist, or one list of users, conditions or markets"
    if let text = value.text {
      if text == "everything" { return .everything }
      if text == "watchlist" { return .watchList }
      let near = NearestName.nearest(text, of: ["everything", "watchlist"]).map { " (did you mean '\($0)'?)" }
      throw PlacedProblem(
        value.origin, "\(section.name("subscribe")) must be \(wanted), not \(text)\(near ?? "")")
    }
    let inner = try PlacedMap(value, path: section.name("subscribe"))
    try inner.allow(ConfigurationKeys.subscribe)
    let users = try inner.list("users", "wallets, 0x and 40 digits") { hexadecimal($0, digits: 40) }
    let conditions = try inner.list("conditions", "condition ids, 0x and 64 digits") {
      hexadecimal($0, digits: 64)
    }
    let markets = try inner.list("markets", "slugs of markets") { text in
      PlacedMap.isLine(text) && !text.contains(" ") && text.utf8.count <= 256 ? text : nil
    }
    let filters: [DomeSettings.Filter] = [
      users.map { .users($0) }, conditions.map { .conditions($0) }, markets.map { .markets($0) },
    ].compactMap { $0 }
    if let filter = filters.first, filters.count == 1 { return filter }
    throw PlacedProblem(value.origin, "\(inner.path) must be \(wanted)")
  }

  /// `0x` and so many hexadecimal digits in lower case; nil for anything else.
  static func hexadecimal(_ text: String, digits: Int) -> String? {
    let text = text.lowercased()
    guard text.hasPrefix("0x"), text.utf8.count == digits + 2 else { return nil }
    return text.utf8.dropFirst(2).allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
      ? text : nil
  }

  private static func decimal(_ text: String, _ range: ClosedRange<Double>) -> Double? {
    guard text.wholeMatch(of: /\d{1,9}(\.\d{1,9})?/) != nil, let number = Double(text) else { return nil }
    return range.contains(number) ? number : nil
  }
}
