/// Measures a live run over its last seconds: orders a second, and how long an order takes.
///
/// Times are counted in classes of an eighth of their size, so that a percentile is right to an eighth.
struct LiveMeter {
  private struct Slot {
    var began: UInt64 = 0
    var orders: UInt64 = 0
    var counts = [UInt32](repeating: 0, count: LiveMeter.classes)
    var total: UInt64 = 0
  }

  private static let classes = 64 * 8
  /// Nanoseconds that one of the two slots covers.
  private static let span: UInt64 = 5_000_000_000

  private var older = Slot()
  private var current = Slot()

  /// Notes orders that were committed now, and for each message how long that took, in nanoseconds.
  mutating func note(_ now: UInt64, orders: Int, latencies: [UInt64]) {
    turn(now)
    current.orders += UInt64(orders)
    for latency in latencies { current.counts[LiveMeter.place(latency)] += 1 }
    current.total += UInt64(latencies.count)
  }

  private mutating func turn(_ now: UInt64) {
    guard now >= current.began + LiveMeter.span else { return }
    older = now < current.began + 2 * LiveMeter.span ? current : Slot(began: now)
    current = Slot(began: now)
  }

  /// Orders a second.
  mutating func rate(_ now: UInt64) -> Double {
    turn(now)
    let began = older.orders > 0 ? older.began : current.began
    let seconds = now > began ? Double(now - began) / 1e9 : 0
    return seconds > 0.2 ? Double(older.orders + current.orders) / seconds : 0
  }

  /// The median and the 99th percentile in microseconds; nil without a message.
  var latency: (median: Double, p99: Double)? {
    let total = older.total + current.total
    if total == 0 { return nil }
    return (percentile(total / 2), percentile(total - 1 - total / 100))
  }

  private func percentile(_ rank: UInt64) -> Double {
    var seen: UInt64 = 0
    for place in 0..<LiveMeter.classes {
      seen += UInt64(older.counts[place]) + UInt64(current.counts[place])
      if seen > rank { return Double(LiveMeter.middle(place)) / 1000 }
    }
    return 0
  }

  /// The class of a time: its highest bit and the three bits behind it.
  private static func place(_ nanoseconds: UInt64) -> Int {
    if nanoseconds < 8 { return Int(nanoseconds) }
    let high = 63 - nanoseconds.leadingZeroBitCount
    return (high - 2) * 8 + Int(nanoseconds >> UInt64(high - 3) & 7)
  }

  private static func middle(_ place: Int) -> UInt64 {
    if place < 8 { return UInt64(place) }
    let shift = UInt64(place / 8 - 1)
    return (UInt64(8 + place % 8) << shift) + (1 << shift) / 2
  }
}
