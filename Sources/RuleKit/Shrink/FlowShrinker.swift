import COrderFlow
import OrderFlow
import RuleEngine

/// Finds the smallest flow that still makes a rule say the same on its last event.
public struct FlowShrinker {
  /// What came out.
  public struct Outcome: Sendable {
    /// The smallest flow, as an order table can tell it.
    public var events: [TestEvent]
    /// How often the rule was run.
    public var tries: Int
    /// Whether the tries ran out before it was the smallest.
    public var ranOut: Bool
  }

  private let runner: RuleTestRunner
  private let goal: SignalGoal
  private let parameters: [String: String]
  private let most: Int

  /// Prepares; `parameters` are those of the rule, and it is run at most `most` times.
  public init(
    _ runner: RuleTestRunner, goal: SignalGoal, parameters: [String: String] = [:], most: Int = 3000
  ) {
    self.runner = runner
    self.goal = goal
    self.parameters = parameters
    self.most = most
  }

  /// Shrinks a flow whose last event gives the signal; nil when it does not, as far as a table can tell it.
  ///
  /// `likely` are places in it from which to begin, the fewest first: the first that gives the signal counts.
  public func shrink(_ events: [TestEvent], likely: [[Int]] = []) -> Outcome? {
    guard !events.isEmpty else { return nil }
    let events = FlowShrinker.plain(events)
    let last = events.count - 1
    var search = DeltaDebugging(most: most)
    func holds(_ places: [Int]) -> Bool { gives((places + [last]).map { events[$0] }) }
    let begins =
      likely.map { places in places.filter { (0..<last).contains($0) }.sorted() } + [Array(0..<last)]
    guard let begin = begins.first(where: holds) else { return nil }
    let kept = search.minimize(begin, holds)
    return Outcome(
      events: simpler((kept + [last]).map { events[$0] }), tries: search.tries, ranOut: search.ranOut)
  }

  /// Leaves out fields of the orders that make no difference to what the signal says.
  private func simpler(_ events: [TestEvent]) -> [TestEvent] {
    var events = events
    let changes: [(inout TestOrder) -> Void] = [
      { $0[.taker] = nil }, { $0.role = UInt8(BB_ROLE_UNKNOWN) }, { $0[.conditionID] = nil },
    ]
    guard let said = signal(events) else { return events }
    for change in changes {
      let tried = events.map { event in
        guard var order = event.order else { return event }
        change(&order)
        return TestEvent(.order(order))
      }
      guard let again = signal(tried), again.data == said.data, again.title == said.title else { continue }
      events = tried
    }
    return events
  }

  /// Whether the last event of a flow gives the signal.
  private func gives(_ events: [TestEvent]) -> Bool { signal(events) != nil }

  /// The signal that the last event of a flow gives.
  private func signal(_ events: [TestEvent]) -> Signal? {
    let result = try? runner.run(FlowShrinker.test(events, parameters))
    return result?.signals.first { $0.event == events.count - 1 && goal.isMet(by: $0.signal) }?.signal
  }

  /// A test of a flow in which nothing is due yet.
  static func test(_ events: [TestEvent], _ parameters: [String: String]) -> RuleTest {
    var test = RuleTest(name: "", origin: "", events: events, start: 0, isTable: true)
    test.parameters = parameters
    return test
  }

  /// The events without what an order table does not tell: hashes, and places in blocks.
  static func plain(_ events: [TestEvent]) -> [TestEvent] {
    var wallets: [String: String] = [:]
    /// Addresses in a table are hexadecimal.
    func wallet(_ name: String) -> String {
      if name.hasPrefix("0x"), name.count > 2, name.dropFirst(2).allSatisfy(\.isHexDigit) {
        return name.lowercased()
      }
      if let known = wallets[name] { return known }
      let digits = String(wallets.count + 1, radix: 16)
      wallets[name] = "0xfeed" + String(repeating: "0", count: max(0, 36 - digits.count)) + digits
      return wallets[name] ?? name
    }
    let numbered = events.enumerated().map { place, event in
      guard var order = event.order else { return event }
      order.blockNumber = -1
      order.logIndex = -1
      order[.txHash] = "0x" + String(place, radix: 16)
      order[.orderHash] = order[.txHash]
      order[.user] = order[.user].map(wallet)
      order[.taker] = order[.taker].map(wallet)
      return TestEvent(.order(order))
    }
    return named(numbered)
  }

  /// The orders with the texts of their markets as a file would give them.
  private static func named(_ events: [TestEvent]) -> [TestEvent] {
    var outcomes: [String: (market: TestNames.Market, label: String)] = [:]
    for market in TestDraft.names(events).markets.values {
      for outcome in market.outcomes { outcomes[outcome.token] = (market, outcome.label) }
    }
    return events.map { event in
      guard var order = event.order, let outcome = order[.tokenID].flatMap({ outcomes[$0] }) else {
        return event
      }
      order[.marketSlug] = outcome.market.slug
      order[.title] = outcome.market.title
      order[.conditionID] = outcome.market.condition
      order[.tokenLabel] = outcome.label
      return TestEvent(.order(order))
    }
  }
}
