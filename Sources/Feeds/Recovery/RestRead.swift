import COrderFlow
import OrderFlow
import Wire

/// The orders of one REST read: collected page by page, put into the order of the chain, twins numbered.
final class RestRead {
  /// Everything an order needs to be the same leg, without what tells twins apart.
  private struct Leg: Hashable {
    var texts: [[UInt8]]
    var numbers: [Int64]

    init(_ order: bb_order) {
      texts = [TextField.txHash, .tokenID, .user].map { field in
        Array(UnsafeBufferPointer(start: order[field].bytes, count: Int(order[field].count)))
      }
      numbers = [order.shares, order.price, Int64(order.side), Int64(order.venue)]
    }
  }

  private let rows = RowBatch(capacity: 1024)
  private var batch = OrderBatch()
  private let exchanges: [String]
  /// Event time of the newest and the oldest order, ms.
  private(set) var newest: Int64?
  private(set) var oldest: Int64?
  /// Rows that could not be read, and why the last of them.
  private(set) var rejected = 0
  private(set) var reason = ""

  /// More than this is not held in memory at once; the read then goes on in another part.
  static let maximumRows = 100_000

  init(exchanges: [String] = ScannerOptions.polymarketExchanges) { self.exchanges = exchanges }

  var count: Int { rows.count }
  var isFull: Bool { rows.count >= RestRead.maximumRows }

  /// Takes the rows of a page that are at `since` or later.
  func take(_ page: UnsafeRawBufferPointer, since: Int64) {
    var options = ScannerOptions()
    options.exchanges = exchanges
    options.maximumMessageBytes = max(page.count, options.maximumMessageBytes)
    var scanner = OrderScanner(options)
    scanner.append(page)
    scanner.finish()
    var isOver = false
    while !isOver {
      isOver = scanner.next(into: &batch) == .end
      rejected += batch.deadLetters.count
      reason = batch.deadLetters.last?.reason ?? reason
      keep(since)
    }
  }

  private func keep(_ since: Int64) {
    let orders = batch.orders
    var from = 0
    for (place, order) in orders.enumerated() {
      newest = max(newest ?? order.time, order.time)
      oldest = min(oldest ?? order.time, order.time)
      if order.time >= since { continue }
      rows.append(UnsafeBufferPointer(rebasing: UnsafeBufferPointer(orders)[from..<place]))
      from = place + 1
    }
    rows.append(UnsafeBufferPointer(rebasing: UnsafeBufferPointer(orders)[from...]))
  }

  /// The rows in the order in which they happened, in batches; each gets the feed's number and an origin.
  ///
  /// Rows without a place in the chain stay in the order of the list, which is newest first.
  func finish(source: UInt16, origin: (Int64) -> UInt8) -> [RowBatch] {
    let orders = rows.orders
    let places = orders.indices.sorted { left, right in
      let (a, b) = (orders[left], orders[right])
      if a.time != b.time { return a.time < b.time }
      if a.block_number != b.block_number { return a.block_number < b.block_number }
      if a.log_index != b.log_index { return a.log_index < b.log_index }
      return left > right
    }
    var ordinals: [Leg: UInt32] = [:]
    var result: [RowBatch] = []
    for start in stride(from: 0, to: places.count, by: 512) {
      let batch = RowBatch(capacity: 512)
      batch.source = source
      for place in places[start..<min(start + 512, places.count)] {
        var order = orders[place]
        order.source = source
        order.origin = origin(order.time)
        // With a log index each fill is told apart anyway; without one, only by how often it is listed.
        if order.log_index < 0 {
          let leg = Leg(order)
          order.twin = ordinals[leg, default: 0]
          ordinals[leg, default: 0] += 1
        }
        withUnsafePointer(to: order) { batch.append(UnsafeBufferPointer(start: $0, count: 1)) }
      }
      result.append(batch)
    }
    return result
  }
}
