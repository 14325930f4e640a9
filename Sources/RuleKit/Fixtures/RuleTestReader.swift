import Documents
import OrderFlow

/// Reads the maps of a test file.
struct RuleTestReader {
  private let path: String
  private let top: PlacedMap
  private let start: Int64
  private let names: TestNames
  private let common: Settings

  /// What a file and each of its tests can set.
  struct Settings {
    var parameters: [String: String] = [:]
    var labels: [String: String]?
  }

  private static let fileKeys = ["rule", "clock", "wallets", "markets", "params", "tables", "tests"]
  private static let testKeys = [
    "name", "orders", "recorded", "base", "expect", "golden", "inject", "params", "tables", "clock",
  ]
  /// What `+0s` means in a file that does not say: 2026-01-01.
  private static let defaultClock: Int64 = 1_767_225_600_000

  init(_ top: PlacedMap, path: String) throws(PlacedProblem) {
    self.path = path
    self.top = top
    try top.allow(RuleTestReader.fileKeys)
    start = try RuleTestReader.clock(top) ?? RuleTestReader.defaultClock
    var names = TestNames()
    names.wallets = try RuleTestReader.wallets(top)
    names.markets = try RuleTestReader.markets(top)
    self.names = names
    common = try RuleTestReader.settings(top, names)
  }

  // MARK: The head of the file

  private static func clock(_ map: PlacedMap) throws(PlacedProblem) -> Int64? {
    try map.read("clock", "a time such as 2026-03-01T12:00:00Z") { EventTime.parse($0) }
  }

  private static func wallets(_ top: PlacedMap) throws(PlacedProblem) -> [String: String] {
    guard let value = top["wallets"] else { return [:] }
    let map = try PlacedMap(value, path: "wallets")
    var wallets: [String: String] = [:]
    for entry in map.entries {
      try checkName(entry)
      wallets[entry.key] = try map.read(entry.key, "an address in quotes, such as \"0xa11c…\"") { text in
        text.hasPrefix("0x") && text.count > 2 && text.dropFirst(2).allSatisfy(\.isHexDigit)
          ? text.lowercased() : nil
      }
    }
    return wallets
  }

  /// Names stand in tables, where a blank ends them.
  private static func checkName(_ entry: PlacedValue.Entry) throws(PlacedProblem) {
    let isGood = entry.key.utf8.allSatisfy { byte in
      byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte)
        || (0x41...0x5A).contains(byte & 0xDF)
    }
    if !isGood || entry.key.isEmpty {
      throw PlacedProblem(entry.value.origin, "'\(entry.key)' is no name: use letters, digits, _ and -")
    }
  }

  private static func markets(_ top: PlacedMap) throws(PlacedProblem) -> [String: TestNames.Market] {
    guard let value = top["markets"] else { return [:] }
    var markets: [String: TestNames.Market] = [:]
    for entry in try PlacedMap(value, path: "markets").entries {
      try checkName(entry)
      let map = try PlacedMap(entry.value, path: "markets.\(entry.key)")
      let slug = try map.text("slug", "the market's slug") ?? entry.key
      var market = TestNames.Market(slug: slug, outcomes: [])
      market.title = try map.text("title", "what the market is about")
      market.condition = try map.text("condition", "the market's condition id")
      for outcome in map.entries where !["slug", "title", "condition"].contains(outcome.key) {
        let token = try map.required(outcome.key, "the outcome's token id in quotes, such as \"8031\"")
        market.outcomes.append((outcome.key, token))
      }
      if market.outcomes.isEmpty {
        throw PlacedProblem(
          entry.value.origin,
          "market '\(entry.key)' has no outcome: add one with its token, such as Yes: \"8031\"")
      }
      markets[entry.key] = market
    }
    return markets
  }

  private static func settings(_ map: PlacedMap, _ names: TestNames) throws(PlacedProblem) -> Settings {
    var settings = Settings()
    if let value = map["params"] {
      let parameters = try PlacedMap(value, path: map.name("params"))
      for entry in parameters.entries {
        let value = try parameters.read(entry.key, "a value") { text in
          text.first == "$" ? String(text.dropFirst()).replacing(",", with: "") : text
        }
        guard let value else {
          throw PlacedProblem(
            entry.value.origin,
            "\(parameters.name(entry.key)) has no value; a number with a comma needs quotes")
        }
        settings.parameters[entry.key] = value
      }
    }
    if let value = map["tables"] {
      let tables = try PlacedMap(value, path: map.name("tables"))
      try tables.allow(["wallets"])
      let list = try PlacedMap(
        tables["wallets"] ?? PlacedValue(.nothing, origin: value.origin), path: "tables.wallets")
      var labels: [String: String] = [:]
      for entry in list.entries {
        guard
          let address = names.wallets[entry.key] ?? (entry.key.hasPrefix("0x") ? entry.key.lowercased() : nil)
        else {
          let hint = NearestName.hintOrList(entry.key, of: names.wallets.keys.sorted())
          throw PlacedProblem(entry.value.origin, "there is no wallet '\(entry.key)'\(hint)")
        }
        labels[address] = try list.required(entry.key, "the wallet's label")
      }
      settings.labels = labels
    }
    return settings
  }

  // MARK: Tests

  func tests(_ recordings: RuleTestFile.Recordings) throws(PlacedProblem) -> [RuleTest] {
    guard let value = top["tests"], case .list(let values) = value.content, !values.isEmpty else {
      throw PlacedProblem(top["tests"]?.origin ?? top.origin, "tests must be a list of tests")
    }
    var tests: [RuleTest] = []
    for value in values {
      let map = try PlacedMap(value, path: "tests")
      try map.allow(RuleTestReader.testKeys)
      let name = try map.required("name", "what the test shows, in a few words")
      if tests.contains(where: { $0.name == name }) {
        throw PlacedProblem(map["name"]?.origin ?? map.origin, "there are two tests '\(name)'")
      }
      tests.append(try test(name, map, before: tests, recordings))
    }
    try checkGoldens(tests)
    return tests
  }

  private func test(
    _ name: String, _ map: PlacedMap, before: [RuleTest], _ recordings: RuleTestFile.Recordings
  ) throws(PlacedProblem) -> RuleTest {
    var test = try flow(name, map, before, recordings)
    let own = try RuleTestReader.settings(map, names)
    test.parameters.merge(own.parameters) { $1 }
    if let labels = own.labels { test.labels = labels }
    let reading = ExpectationReader(test: test, path: path)
    if let value = map["expect"] {
      test.expectations = try reading.expectations(value)
      test.hasExpectations = true
    }
    if let value = map["inject"] { test.injections = try reading.injections(value) }
    if let golden = try map.text("golden", "auto, or the name of a file") {
      if test.isTable {
        throw PlacedProblem(
          map["golden"]?.origin ?? map.origin,
          "golden needs a recording: name one with recorded, or say what is due with marks")
      }
      test.golden = golden == "auto" ? GoldenFile.name(of: name) : golden
    }
    if !test.isTable, test.golden == nil, !test.hasExpectations {
      throw PlacedProblem(
        map.origin,
        "test '\(name)' does not say what is due: add expect (a list, [] when nothing is), or golden: auto")
    }
    return test
  }

  /// A test with its flow, and with what comes from its base.
  private func flow(
    _ name: String, _ map: PlacedMap, _ before: [RuleTest], _ recordings: RuleTestFile.Recordings
  ) throws(PlacedProblem) -> RuleTest {
    let given = ["orders", "recorded", "base"].filter { map[$0] != nil }
    guard given.count == 1, let value = map[given[0]] else {
      throw PlacedProblem(
        map.origin,
        given.isEmpty
          ? "test '\(name)' has no flow: write orders, recorded or base"
          : "test '\(name)' has \(given.joined(separator: " and ")): choose one")
    }
    let start = try RuleTestReader.clock(map) ?? self.start
    var test = RuleTest(name: name, origin: map.origin, events: [], start: start, isTable: false)
    test.names = names
    test.parameters = common.parameters
    test.labels = common.labels
    guard let text = value.text else {
      throw PlacedProblem(value.origin, "\(given[0]) must be text, not \(value.words)")
    }
    switch given[0] {
    case "base":
      guard var base = before.first(where: { $0.name == text }) else {
        let hint = NearestName.hintOrList(text, of: before.map(\.name))
        throw PlacedProblem(value.origin, "there is no test '\(text)' in front of this one\(hint)")
      }
      if let clock = map["clock"] {
        throw PlacedProblem(clock.origin, "clock does not go with base: the flow of '\(text)' has its times")
      }
      (base.name, base.origin, base.golden) = (name, map.origin, nil)
      return base
    case "recorded":
      test.recording = text
      let orders: [TestOrder]
      do throws(PlacedProblem) { orders = try recordings(text) } catch {
        throw PlacedProblem(value.origin, error.message)
      }
      test.events = orders.map { TestEvent(.order($0)) }
    default:
      if text.first(where: { !$0.isWhitespace }) == "{" {
        test.events = try RecordedText.orders(text, path: path, line: value.line)
      } else {
        test.isTable = true
        test.events = try OrderTable.read(text, names: names, start: start, path: path, line: value.line)
      }
    }
    if test.events.isEmpty { throw PlacedProblem(value.origin, "test '\(name)' has no orders") }
    return test
  }

  private func checkGoldens(_ tests: [RuleTest]) throws(PlacedProblem) {
    var names: [String: String] = [:]
    for test in tests {
      guard let golden = test.golden else { continue }
      if !GoldenFile.isName(golden) {
        throw PlacedProblem(
          test.origin, "golden '\(golden)' is no name of a file: use letters, digits, _ and -")
      }
      if let other = names.updateValue(test.name, forKey: golden) {
        throw PlacedProblem(test.origin, "'\(test.name)' and '\(other)' have the same golden '\(golden)'")
      }
    }
  }
}
