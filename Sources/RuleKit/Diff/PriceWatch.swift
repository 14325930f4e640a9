public import OrderFlow

/// Follows the prices of tokens after signals, in the orders that the signals came from.
public struct PriceWatch: Sendable {
  private struct Watch: Sendable {
    let seq: Int64
    let deadline: Int64
    let token: String
    /// 1 for a buy, -1 for a sale, 0 without a side.
    let direction: Int64
    /// Whether the order numbered `seq` is the signal's own.
    let hasOrder: Bool
    var price: Int64?
    var later: Int64?
  }

  private let horizon: Int64
  private var watches: [Watch] = []
  private var places: [Digest128: Int] = [:]
  /// Watches that have not begun, by number of their event, the last first.
  private var pending: [Int] = []
  private var prices: [String: Int64] = [:]
  private var active: [String: [Int]] = [:]
  private var tokens: Set<String> = []
  private var clock = Int64.min

  /// How much later than a deadline an order may come and still be of before it, ms.
  private static let lateness: Int64 = 60_000

  /// Follows the tokens of some signals for `horizon` ms after each.
  public init(_ signals: [Signal], horizon: Int64) {
    self.horizon = horizon
    for signal in signals {
      guard let token = signal.token, places[signal.id] == nil else { continue }
      let (deadline, isOverflow) = signal.time.addingReportingOverflow(horizon)
      places[signal.id] = watches.count
      tokens.insert(token)
      watches.append(
        Watch(
          seq: signal.seq, deadline: isOverflow ? .max : deadline, token: token,
          direction: signal.side == "BUY" ? 1 : signal.side == "SELL" ? -1 : 0, hasOrder: signal.hasOrder))
    }
    let all = watches
    pending = watches.indices.sorted { all[$0].seq > all[$1].seq }
  }

  /// Takes an order's number, event time (ms), price (micro-dollars) and token; they come in the order of their
  /// numbers.
  public mutating func see(seq: Int64, time: Int64, price: Int64, token: String?) {
    clock = max(clock, time)
    if watches.isEmpty { return }
    begin { $0.seq < seq || $0.seq == seq && !$0.hasOrder }
    if let token, tokens.contains(token) {
      if let running = active[token] {
        for place in running where time <= watches[place].deadline { watches[place].later = price }
        active[token] = running.filter { time <= watches[$0].deadline.addingSaturating(PriceWatch.lateness) }
      }
      prices[token] = price
    }
    begin { $0.seq <= seq }
  }

  /// Brings the clock forward without an order.
  public mutating func advance(to time: Int64) { clock = max(clock, time) }

  private mutating func begin(_ isDue: (Watch) -> Bool) {
    while let place = pending.last, isDue(watches[place]) {
      pending.removeLast()
      watches[place].price = prices[watches[place].token]
      active[watches[place].token, default: []].append(place)
    }
  }

  /// What became of a signal; nil when its token has no price at it or after it, or the orders end too early.
  public func outcome(of id: Digest128) -> PriceOutcome? {
    guard let place = places[id], clock >= watches[place].deadline, let price = watches[place].price,
      let later = watches[place].later
    else { return nil }
    let (move, isOverflow) = later.subtractingReportingOverflow(price)
    let direction = watches[place].direction
    return PriceOutcome(
      price: price, later: later, move: isOverflow || direction == 0 ? nil : move &* direction)
  }
}

extension Int64 {
  fileprivate func addingSaturating(_ other: Int64) -> Int64 {
    let (sum, isOverflow) = addingReportingOverflow(other)
    return isOverflow ? .max : sum
  }
}
