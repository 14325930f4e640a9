/// One number of one order that may be changed.
struct FlowKnob {
  enum Field {
    case shares
    /// The size, with a price of half a dollar: that makes round amounts.
    case sharesAtHalf
    case price
    case time
  }

  /// Place of the order in the flow.
  var event: Int
  var field: Field
  /// What it may be.
  var range: ClosedRange<Int64>

  /// The knobs of an order, those first that people would turn first.
  static func all(at event: Int, in events: [TestEvent]) -> [FlowKnob] {
    guard let order = events[event].order, order.shares > 0 else { return [] }
    let most = min(order.shares, 1_000_000_000_000_000) * 1000
    var knobs = [
      FlowKnob(event: event, field: .shares, range: 1...most),
      FlowKnob(event: event, field: .sharesAtHalf, range: 1...most),
      FlowKnob(event: event, field: .price, range: 1...999_999),
    ]
    let before = event > 0 ? events[event - 1].time : order.time
    let after = event + 1 < events.count ? events[event + 1].time : order.time
    let last = max(order.time, after, order.time.addingReportingOverflow(604_800_000).partialValue)
    if before < last { knobs.append(FlowKnob(event: event, field: .time, range: before...last)) }
    return knobs
  }

  /// The flow with the number in the order's place.
  func turned(to value: Int64, in events: [TestEvent]) -> [TestEvent] {
    var events = events
    guard var order = events[event].order else { return events }
    switch field {
    case .shares: order.shares = value
    case .sharesAtHalf: (order.shares, order.price) = (value, 500_000)
    case .price: order.price = value
    case .time: order.time = value
    }
    events[event].kind = .order(order)
    return events
  }

  /// Values a little further on that are easier to read.
  func nicer(_ value: Int64) -> [Int64] {
    guard field != .time else { return [] }
    return [1_000_000, 10_000].map { unit in (value + unit - 1) / unit * unit }.filter { $0 != value }
  }

  /// Whether people would write it.
  func isNice(_ value: Int64) -> Bool {
    switch field {
    case .shares, .sharesAtHalf, .price: value % 10_000 == 0
    case .time: value % 1000 == 0
    }
  }
}
