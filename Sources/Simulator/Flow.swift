/// What the venue will have: its order legs one after another, and the texts they share.
struct Flow: Sendable {
  /// The legs in the order in which they happen.
  private(set) var orders: [FlowOrder] = []
  /// The outcomes that the legs name.
  private(set) var outcomes: [Outcome] = []
  /// The texts of legs and outcomes.
  var texts = TextPool()

  private var outcomeNumbers: [Outcome: UInt32] = [:]
  private var outcomesOfMarket: [UInt32: Int] = [:]

  /// How many legs there are.
  var count: Int { orders.count }

  /// Seconds from the first leg to one after the latest; what a further pass is shifted by.
  var span: Int64 {
    guard let first = orders.first else { return 0 }
    return (orders.lazy.map(\.time).max() ?? first.time) - first.time + 1
  }

  /// Adds a leg at the end.
  mutating func append(_ order: FlowOrder) { orders.append(order) }

  /// The number of an outcome, which is added when it is new; its index is set here.
  mutating func intern(_ outcome: Outcome) -> UInt32 {
    if let number = outcomeNumbers[outcome] { return number }
    let number = UInt32(truncatingIfNeeded: outcomes.count)
    outcomeNumbers[outcome] = number
    var numbered = outcome
    if outcome.conditionID > 0 {
      numbered.index = outcomesOfMarket[outcome.conditionID, default: 0]
      outcomesOfMarket[outcome.conditionID] = numbered.index + 1
    }
    outcomes.append(numbered)
    return number
  }

  /// The outcome of a leg.
  func outcome(of order: FlowOrder) -> Outcome { outcomes[Int(order.outcome)] }

  /// A flow in which some legs, as many as the rate says, stand a second time: true fills of their own.
  func withTwins(rate: Double, seed: UInt64) -> Flow {
    if rate <= 0 { return self }
    var random = SeededRandom(seed: seed, stream: 2)
    var copy = self
    copy.orders.removeAll(keepingCapacity: true)
    copy.orders.reserveCapacity(count + Int(Double(count) * rate) + 16)
    for order in orders {
      copy.orders.append(order)
      if random.happens(rate) { copy.orders.append(order) }
    }
    return copy
  }
}
