import COrderFlow
import OrderFlow

extension RuleDraft {
  /// A flow that is like the orders, or is them but for one thing.
  private struct Flow {
    var name: String
    var orders: [TestOrder]
    /// What is due, by the places of orders.
    var marks: [Int: TestMark] = [:]
  }

  /// The test's text.
  var test: String {
    var names = DraftNames(orders)
    let misses = nearMisses(&names)
    let twins = twins(&names)
    let start = (orders.first?.time ?? 0) / 1000 * 1000
    let clock = EventTime.text(start).replacing(" ", with: "T") + "Z"
    var text =
      "# Drafted from \(traits.count == 1 ? "a recorded order" : "\(traits.count) recorded orders").\n"
    text += "rule: \(rule)\nclock: \(clock)\n\(names.yaml)tests:\n"
    let title = traits.count == 1 ? "fires on the order" : "fires on the last of the orders"
    let fires = Flow(name: title, orders: orders, marks: [orders.count - 1: .signal(.medium)])
    text += RuleDraft.test(fires, names.names, start) + expectation
    for flow in repeats + twins + least + exact + misses { text += RuleDraft.test(flow, names.names, start) }
    return text
  }

  private static func test(_ flow: Flow, _ names: TestNames, _ start: Int64) -> String {
    // The first order may have become older: the flow begins at the same time all the same.
    let earliest = flow.orders.map(\.time).min() ?? start
    let shift = earliest < start ? start - earliest : 0
    let events = flow.orders.enumerated().map { place, order in
      var plain = order
      plain.time += shift
      // The taker is the exchange's contract, and hashes differ anyway: neither says anything here.
      plain[.taker] = nil
      var event = TestEvent(.order(plain))
      event.marks = flow.marks[place].map { [$0] } ?? []
      return event
    }
    let lines = OrderTableWriter.lines(events, names: names, start: start)
    return "  - name: \(flow.name)\n    orders: |\n" + lines.map { "      \($0)\n" }.joined()
  }

  /// What the signal says, for the first test.
  private var expectation: String {
    if traits.count == 1 { return "" }
    let move = traits.highestPrice - traits.lowestPrice
    let data =
      "orders: \(traits.count)"
      + (traits.wallets > 1 ? ", wallets: \(traits.wallets)" : "")
      + (traits.leastMove == nil ? "" : ", move: $\(Micros(raw: move).text)")
    return "    expect:\n      - { at: \(traits.count), data: { \(data) } }\n"
  }

  // MARK: What is said once

  /// The orders again, within the time in which repeats are folded, and when it is over.
  private var repeats: [Flow] {
    if traits.count < 2 { return [] }
    let span = HandsomeNumber.text(traits.window)
    var flows = [again(after: traits.window, "fires again when \(span) are over")]
    // The last of them alone is a repeat as long as the first has not left the window.
    if traits.span + 1000 < traits.window, var more = orders.last {
      more.time += 1000
      let marks: [Int: TestMark] = [orders.count - 1: .signal(.medium), orders.count: .folded]
      flows.insert(Flow(name: "folds a repeat", orders: orders + [more], marks: marks), at: 0)
      flows.insert(again(after: traits.window - 1000, "folds all until \(span) are over"), at: 1)
    }
    return flows
  }

  /// The orders and, so much later, the same: each of these is in a window with what makes up all of them, but for
  /// those that come with others at the moment at which the first ones leave.
  private func again(after shift: Int64, _ name: String) -> Flow {
    let count = orders.count
    var flow = Flow(name: name, orders: orders, marks: [count - 1: .signal(.medium)])
    for (place, order) in orders.enumerated() {
      var later = order
      later.time += shift
      flow.orders.append(later)
      let isLast = place == count - 1
      let isShort = !isLast && orders[place + 1].time == order.time
      if shift < traits.window || !isLast && !isShort {
        flow.marks[count + place] = .folded
      } else if isLast {
        flow.marks[count + place] = .signal(.medium)
      }
    }
    return flow
  }

  /// The orders beside the same of another wallet, and of another outcome: none is a repeat of the others.
  private func twins(_ names: inout DraftNames) -> [Flow] {
    if traits.count < 2 { return [] }
    var flows: [Flow] = []
    func add(_ name: String, _ change: (TestOrder) -> TestOrder) {
      let count = orders.count * 2
      flows.append(
        Flow(
          name: name, orders: orders.flatMap { [$0, change($0)] },
          marks: [count - 2: .signal(.medium), count - 1: .signal(.medium)]))
    }
    if traits.wallets == 1, let user = orders[0][.user] {
      let other = DraftNames.unlike(user)
      names.name(wallet: other)
      add("fires for each wallet") { order in
        var twin = order
        twin[.user] = other
        return twin
      }
    }
    if traits.isOneToken {
      var known = names
      add("fires for each outcome") { known.otherOutcome(of: $0) }
      names = known
    }
    return flows
  }

  /// The orders, of which the smallest is worth exactly the limit; another one makes up for it.
  private var least: [Flow] {
    guard let place = orders.indices.min(by: { worth($0) < worth($1) }),
      let shares = RuleDraft.divided(traits.leastOrder, by: orders[place].price), shares < .max
    else { return [] }
    let fitting = [shares, shares + 1].first { shares in
      Micros.notional(price: orders[place].price, shares: shares)?.floor == traits.leastOrder
    }
    guard let fitting else { return [] }
    var flow = Flow(
      name: "fires with an order of exactly \(ValueText.dollars(traits.leastOrder))", orders: orders,
      marks: [orders.count - 1: .signal(.medium)])
    flow.orders[place].shares = fitting
    if orders.count > 1 {
      let other = place == 0 ? 1 : 0
      guard let more = RuleDraft.shares(worth: orders[place], at: orders[other].price) else { return [] }
      let (sum, isOver) = orders[other].shares.addingReportingOverflow(more)
      if isOver || Micros.notional(price: orders[other].price, shares: sum) == nil { return [] }
      flow.orders[other].shares = sum
    }
    return [flow]
  }

  /// The orders for exactly the limit of all together: those for a little less, one of which makes up for it.
  private var exact: [Flow] {
    guard var orders = poorer()?.orders, let had = orders[0].usd else { return [] }
    let worth = traits.leastSum - orders.reduce(0) { $0 + ($1.usd ?? 0) } + had
    guard let shares = RuleDraft.divided(worth, by: orders[0].price), shares < .max else { return [] }
    let fitting = [shares, shares + 1].first { shares in
      Micros.notional(price: orders[0].price, shares: shares)?.rounded == worth
    }
    guard let fitting else { return [] }
    orders[0].shares = fitting
    let name = "fires when all together are exactly \(ValueText.dollars(traits.leastSum))"
    return [Flow(name: name, orders: orders, marks: [orders.count - 1: .signal(.medium)])]
  }

  // MARK: What must be quiet

  private func nearMisses(_ names: inout DraftNames) -> [Flow] {
    guard let last = orders.indices.last else { return [] }
    var misses: [Flow] = []
    if traits.side != nil {
      misses.append(changed("is quiet when the last order goes the other way", last) { $0.isSale.toggle() })
    }
    if let smallest = orders.indices.min(by: { worth($0) < worth($1) }),
      let small = shrunk(orders[smallest], below: traits.leastOrder)
    {
      let least = ValueText.dollars(traits.leastOrder)
      misses.append(changed("is quiet when an order is below \(least)", smallest) { $0.shares = small })
    }
    if traits.count == 1 { return misses }
    misses.append(Flow(name: "is quiet with one order less for the same money", orders: fewer()))
    misses.append(
      changed("is quiet when the first order is \(HandsomeNumber.text(traits.window)) older than the last", 0)
      {
        $0.time = orders[last].time - traits.window
      })
    if let miss = poorer() { misses.append(miss) }
    if traits.leastMove != nil {
      misses.append(
        Flow(
          name: "is quiet when the price does not move",
          orders: orders.map { order in
            var flat = order
            // Worth the same: only the price is another.
            flat.price = traits.highestPrice
            flat.shares = RuleDraft.shares(worth: order, at: traits.highestPrice) ?? order.shares
            return flat
          }))
    }
    misses += others(&names)
    return misses
  }

  /// The same orders, the last of which is of somebody else, or of something else.
  private func others(_ names: inout DraftNames) -> [Flow] {
    let last = orders.count - 1
    var misses: [Flow] = []
    if traits.wallets == 1, let user = orders[last][.user] {
      let other = DraftNames.unlike(user)
      names.name(wallet: other)
      misses.append(changed("is quiet when the last order is another wallet's", last) { $0[.user] = other })
    }
    if traits.isOneToken {
      let other = names.otherOutcome(of: orders[last])
      misses.append(changed("is quiet when the last order is for another outcome", last) { $0 = other })
    }
    return misses
  }

  /// All but one, which leaves prices and wallets what they were where that is possible; the last makes up for it.
  private func fewer() -> [TestOrder] {
    let places = orders.indices.dropLast()
    let dropped = places.first { place in
      var rest = orders
      rest.remove(at: place)
      return Set(rest.map { $0[.user] }).count == traits.wallets
        && rest.map(\.price).min() == traits.lowestPrice && rest.map(\.price).max() == traits.highestPrice
    }
    var rest = orders
    let lost = rest.remove(at: dropped ?? 0)
    guard let last = rest.indices.last, let more = RuleDraft.shares(worth: lost, at: rest[last].price) else {
      return rest
    }
    let (shares, isOver) = rest[last].shares.addingReportingOverflow(more)
    if !isOver, Micros.notional(price: rest[last].price, shares: shares) != nil { rest[last].shares = shares }
    return rest
  }

  /// The same orders for a little less than the limit of all together; nil when they would not count any more.
  private func poorer() -> Flow? {
    var poor = orders
    var excess = traits.sum - traits.leastSum + 1
    for place in poor.indices where excess > 0 {
      let (order, had) = (poor[place], worth(place))
      let least = max(had - excess, traits.leastOrder)
      guard had > least, let shares = shrunk(order, below: least + (least == had - excess ? 1 : 10_001)),
        let worth = Micros.notional(price: order.price, shares: shares), worth.floor >= traits.leastOrder
      else { continue }
      poor[place].shares = shares
      excess -= had - worth.rounded
    }
    if excess > 0 { return nil }
    return Flow(
      name: "is quiet when all together are below \(ValueText.dollars(traits.leastSum))", orders: poor)
  }

  private func worth(_ place: Int) -> Int64 { orders[place].usd ?? 0 }

  private func changed(_ name: String, _ place: Int, _ change: (inout TestOrder) -> Void) -> Flow {
    var orders = orders
    change(&orders[place])
    return Flow(name: name, orders: orders)
  }

  /// The most shares, in hundredths where that is possible, for which an order is worth less than an amount.
  private func shrunk(_ order: TestOrder, below amount: Int64) -> Int64? {
    guard amount > 1, order.price > 0, let shares = RuleDraft.divided(amount - 1, by: order.price) else {
      return nil
    }
    let round = shares / 10_000 * 10_000
    let result = round > 0 ? round : shares
    guard result > 0, let worth = Micros.notional(price: order.price, shares: result), worth.rounded < amount
    else { return nil }
    return result
  }

  /// The shares for which an order at another price is worth at least as much.
  private static func shares(worth order: TestOrder, at price: Int64) -> Int64? {
    guard let usd = order.usd, let shares = divided(usd, by: price), shares < .max - 1_000_000 else {
      return nil
    }
    return shares + 1_000_000
  }

  /// Micro-dollars by a price: micro-shares, rounded down; nil when they are too many.
  private static func divided(_ usd: Int64, by price: Int64) -> Int64? {
    guard price > 0 else { return nil }
    let (product, isOver) = usd.multipliedReportingOverflow(by: 1_000_000)
    return isOver ? nil : product / price
  }
}
