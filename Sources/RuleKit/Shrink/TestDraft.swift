import Documents
import OrderFlow
public import RuleEngine
import Wire

/// Writes a flow as a test of a rule: the file that `betterbot test` reads.
public struct TestDraft {
  /// Lines of remark at the top.
  public var remarks: [String] = []
  private let runner: RuleTestRunner
  private let name: String
  private let parameters: [String: String]
  private var events: [TestEvent]
  private let names: TestNames
  private let start: Int64
  private let result: TestResult
  private let goal: SignalGoal?

  /// Prepares a test of what the rule does over some events; throws when the rule does not load.
  ///
  /// Of the signals at the last event, the one that is the goal is described; the last one without a goal.
  public init(
    _ runner: RuleTestRunner, name: String, events: [TestEvent], parameters: [String: String] = [:],
    goal: SignalGoal? = nil
  ) throws(Engine.Refusal) {
    self.runner = runner
    self.goal = goal
    self.name = name
    self.parameters = parameters
    names = TestDraft.names(events)
    let first = events.map(\.time).min() ?? 0
    start = first - (first % 1000 + 1000) % 1000
    result = try runner.run(FlowShrinker.test(events, parameters))
    self.events = events
    mark()
  }

  /// Says on each event what the rule did there.
  private mutating func mark() {
    for place in events.indices { events[place].marks = result.marks(at: place) }
  }

  // MARK: Names

  /// `w1`, `w2` for wallets and `m1`, `m2` for markets, in the order in which they come.
  static func names(_ events: [TestEvent]) -> TestNames {
    var names = TestNames()
    var wallets: [String: String] = [:]
    var markets: [String: String] = [:]
    for order in events.compactMap(\.order) {
      for address in [order[.user], order[.taker]].compactMap({ $0 }) where wallets[address] == nil {
        let name = "w\(wallets.count + 1)"
        wallets[address] = name
        names.wallets[name] = address
      }
      guard let token = order[.tokenID] else { continue }
      let slug = order[.marketSlug] ?? order[.conditionID] ?? token
      let name = markets[slug] ?? "m\(markets.count + 1)"
      markets[slug] = name
      var market =
        names.markets[name]
        ?? .init(slug: slug, title: order[.title], condition: order[.conditionID], outcomes: [])
      if !market.outcomes.contains(where: { $0.token == token }) {
        market.outcomes.append((label(order[.tokenLabel], in: market), token))
      }
      names.markets[name] = market
    }
    return names
  }

  /// A label that a table can tell, and that no other outcome of the market has.
  private static func label(_ label: String?, in market: TestNames.Market) -> String {
    let good = (label ?? "").map { $0.isWhitespace || $0 == "#" ? " " : String($0) }.joined()
    let used = ["slug", "title", "condition"] + market.outcomes.map(\.label)
    return good.isEmpty || used.contains(good) ? "Outcome \(market.outcomes.count + 1)" : good
  }

  // MARK: The file

  /// The text of the file.
  public var text: String {
    var lines = remarks.map { "# " + $0.replacing(/\s+/, with: " ") }
    lines += ["rule: \(runner.rule)", "clock: \(EventTime.text(start).replacing(" ", with: "T"))Z"]
    lines.append("wallets:")
    for (name, address) in TestDraft.inOrder(names.wallets) {
      lines.append("  \(name): \(TestDraft.quoted(address))")
    }
    lines.append("markets:")
    for (name, market) in TestDraft.inOrder(names.markets) {
      lines.append("  \(name): \(TestDraft.text(market))")
    }
    lines += ["tests:", "  - name: \(TestDraft.quoted(name))"]
    if !parameters.isEmpty {
      let values = parameters.sorted { $0.key < $1.key }.map { "\($0.key): \(TestDraft.quoted($0.value))" }
      lines.append("    params: { \(values.joined(separator: ", ")) }")
    }
    lines.append("    orders: |")
    lines += OrderTableWriter.lines(events, names: names, start: start).map { "      " + $0 }
    if let expectation {
      lines += ["    expect:", "      - \(expectation)"]
    }
    return lines.map { $0 + "\n" }.joined()
  }

  /// `w2` stands in front of `w10`.
  private static func inOrder<Value>(_ names: [String: Value]) -> [(key: String, value: Value)] {
    names.sorted { ($0.key.count, $0.key) < ($1.key.count, $1.key) }
  }

  private static func text(_ market: TestNames.Market) -> String {
    var entries = ["slug: \(quoted(market.slug))"]
    if let title = market.title { entries.append("title: \(quoted(title))") }
    if let condition = market.condition { entries.append("condition: \(quoted(condition))") }
    entries += market.outcomes.map {
      "\(isPlain($0.label) ? $0.label : quoted($0.label)): \(quoted($0.token))"
    }
    return "{ \(entries.joined(separator: ", ")) }"
  }

  /// Whether a word needs no quotes as a key in YAML.
  private static func isPlain(_ word: String) -> Bool {
    word.first?.isLetter == true
      && word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
  }

  private static func quoted(_ text: String) -> String { JSONText.quoted(text) }

  /// What is due of the signal on the last event; nil without one.
  private var expectation: String? {
    let last = result.signals.filter { $0.event == events.count - 1 }
    guard let said = goal.map({ goal in last.first { goal.isMet(by: $0.signal) } }) ?? last.last else {
      return nil
    }
    let orders = events.indices.filter { events[$0].order != nil }
    let place = (said.event ?? 0)
    let number = orders.firstIndex(of: place).map { "\($0 + 1)" }
    var entries = ["at: \(number ?? "+" + OrderTable.span(events[place].time - start))"]
    if let data = said.signal.data, let value = JSONValue(data.utf8) {
      entries.append("data: \(TestDraft.text(value))")
    }
    let evidence = said.signal.evidence.compactMap { result.event(of: $0) }.compactMap {
      orders.firstIndex(of: $0)
    }
    if evidence.count == said.signal.evidence.count, !evidence.isEmpty {
      entries.append("evidence: [\(evidence.map { "\($0 + 1)" }.joined(separator: ", "))]")
    }
    return "{ \(entries.joined(separator: ", ")) }"
  }

  /// A value as YAML in a line; money that is named so in dollars.
  private static func text(_ value: JSONValue, name: String = "") -> String {
    switch value {
    case .null: return "null"
    case .bool(let value): return value ? "true" : "false"
    case .number(let number):
      guard name == "usd" || name.hasSuffix("_usd"), let micros = Int64(number), micros >= 0 else {
        return number
      }
      return "$" + Micros(raw: micros).text
    case .string(let text): return quoted(text)
    case .array(let elements): return "[" + elements.map { self.text($0) }.joined(separator: ", ") + "]"
    case .object(let members):
      let entries = members.sorted { $0.key < $1.key }.map { key, value in
        "\(isPlain(key) ? key : quoted(key)): \(self.text(value, name: key))"
      }
      return entries.isEmpty ? "{}" : "{ \(entries.joined(separator: ", ")) }"
    }
  }

  // MARK: The proof

  /// What is wrong with the file when it is read and run; nil when its test passes.
  public var problem: String? {
    do throws(PlacedProblem) {
      let file = try RuleTestFile.read(text, path: "the test") { (_) throws(PlacedProblem) in [] }
      guard let test = file.tests.first else { return "it has no test" }
      return runner.verdict(on: test).differences.first?.message
    } catch {
      return "\(error)"
    }
  }
}
