/// One page of the orders that REST shows, newest first.
struct OrderPage {
  /// Which orders are asked for; texts are numbers of the flow's pool, nil is all.
  struct Query {
    var user: UInt32?
    var slug: UInt32?
    var conditions: Set<UInt32>?
    var token: UInt32?
    var isBuy: Bool?
    var takerOnly = false
    /// Whether a text is asked for that no order has.
    var isVain = false
    var seconds: ClosedRange<Int64> = Int64.min...Int64.max

    func matches(_ order: FlowOrder, _ outcome: Outcome) -> Bool {
      if isVain || takerOnly && !order.isTaker { return false }
      if let user, order.user != user { return false }
      if let isBuy, order.isBuy != isBuy { return false }
      if let slug, outcome.slug != slug { return false }
      if let token, outcome.tokenID != token { return false }
      return conditions?.contains(outcome.conditionID) ?? true
    }
  }

  private(set) var orders: [VenueOrder] = []
  /// How many orders all pages have together.
  private(set) var total = 0
  /// How many were on the pages before this one.
  private(set) var offset = 0
  /// Where the next page begins; nil on the last one.
  private(set) var next: PageCursor?

  /// The first page as of `now`, or the one after a cursor.
  init(_ query: Query, of source: OrderSource, limit: Int, after cursor: PageCursor?, now: Int64) {
    let asOf = cursor?.asOf ?? now
    let end = cursor?.end ?? source.log.end
    offset = cursor?.offset ?? 0
    var place: VenueLog.Place?
    var found: [VenueOrder] = []
    var count = 0
    source.log.walkBack(from: cursor?.place, within: query.seconds) { number, order, at in
      guard number < end, order.visibleAt <= asOf else { return true }
      let leg = source.flow.orders[Int(order.leg)]
      guard query.matches(leg, source.flow.outcome(of: leg)) else { return true }
      count += 1
      if found.count < limit {
        found.append(order)
        place = at
      }
      // The first page counts all; a later one looks no further than for one order more.
      return cursor == nil || count <= limit
    }
    orders = found
    total = cursor?.total ?? count
    if count > found.count, let place {
      next = PageCursor(asOf: asOf, end: end, place: place, total: total, offset: offset + found.count)
    }
  }
}
