/// Everything that has happened at the venue, in order, and the same by second for REST.
///
/// It keeps the newest `limit` orders, and for a while up to a quarter more; the oldest go first.
struct VenueLog: Sendable {
  /// A place in the log by time: a second, and how many of its orders lie before it.
  struct Place: Equatable, Sendable {
    var second: Int64
    var index: Int
  }

  /// Number of the next order; orders are numbered from 0 on.
  private(set) var end = 0
  /// Number of the oldest that is kept.
  private(set) var start = 0

  private let limit: Int
  private var orders: [VenueOrder] = []
  private var bySecond: [Int64: [Int]] = [:]
  private var seconds: [Int64] = []

  /// An empty log.
  init(limit: Int) { self.limit = max(limit, 1) }

  /// An order that is kept.
  subscript(_ number: Int) -> VenueOrder { orders[number - start] }

  /// Adds an order, which gets the next place of its second, and returns its number.
  mutating func append(leg: Int, pass: Int, time: Int64, visibleAt: Int64) -> Int {
    let index = bySecond[time]?.count ?? 0
    if index == 0 { insert(second: time) }
    let number = end
    orders.append(
      VenueOrder(
        leg: UInt32(truncatingIfNeeded: leg), pass: UInt32(truncatingIfNeeded: pass), time: time,
        logIndex: UInt32(truncatingIfNeeded: index), visibleAt: visibleAt))
    bySecond[time, default: []].append(number)
    end += 1
    if orders.count > limit + limit / 4 { dropOldest() }
    return number
  }

  /// Calls `body` with the orders from newest to oldest that lie before `place` until it returns false.
  ///
  /// Only seconds within `range` are looked at. The place handed over is that of the order itself.
  func walkBack(
    from place: Place?, within range: ClosedRange<Int64>, _ body: (Int, VenueOrder, Place) -> Bool
  ) {
    let top = place?.second ?? range.upperBound
    var at = index(after: min(top, range.upperBound))
    while at > 0 {
      at -= 1
      let second = seconds[at]
      if second < range.lowerBound { return }
      let numbers = bySecond[second] ?? []
      var index = numbers.count
      if let place, place.second == second { index = min(index, place.index) }
      while index > 0 {
        index -= 1
        let number = numbers[index]
        if number < start { continue }
        if !body(number, self[number], Place(second: second, index: index)) { return }
      }
    }
  }

  /// Where in `seconds` the first lies that is later.
  private func index(after second: Int64) -> Int {
    var (low, high) = (0, seconds.count)
    while low < high {
      let middle = (low + high) / 2
      if seconds[middle] <= second { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private mutating func insert(second: Int64) {
    if let last = seconds.last, last > second {
      seconds.insert(second, at: index(after: second))
    } else {
      seconds.append(second)
    }
  }

  private mutating func dropOldest() {
    let count = orders.count - limit
    orders.removeFirst(count)
    start += count
    // A second goes when all of its orders have; that is looked at from the earliest on.
    let gone = seconds.prefix { (bySecond[$0]?.last ?? -1) < start }
    for second in gone { bySecond[second] = nil }
    seconds.removeFirst(gone.count)
  }
}
