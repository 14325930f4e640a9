internal import COrderFlow
internal import Foundation
internal import Journal
internal import OrderFlow
internal import RuleEngine
internal import Wire

/// Orders that happened before the run, put straight into its journal.
enum Lookback {
  /// What was stored a transaction.
  private static let step = 50_000
  /// So that none is taken for one that the sender sends.
  private static let first = 1 << 30

  /// Stores so many orders, spread evenly over the last so many seconds.
  static func fill(_ path: String, orders: Int, seconds: Int) throws {
    let journal = try Journal(path: path, durability: .normal)
    let frames = OrderFrames(probeEvery: FlowSettings().probeEvery)
    let now = Int(time(nil))
    var seq: Int64 = 0
    var clock: Int64 = 0
    for start in stride(from: 0, to: orders, by: step) {
      var lines: [UInt8] = []
      for number in start..<min(start + step, orders) {
        let place = lines.count
        let second = now - seconds + number * seconds / orders
        frames.append(first + number, seconds: second, stamp: 0, to: &lines)
        // A line in the place of a frame.
        lines.replaceSubrange(place..<place + 4, with: CollectionOfOne(UInt8(ascii: "\n")))
      }
      try scan(lines) { order in
        seq += 1
        clock = max(clock, order.pointee.time)
        order.pointee.seq = seq
        try journal.append(order: order, identity: Identity.of(order))
      }
      try journal.append(markAt: seq, clock: clock)
      try journal.noteSeq(seq)
      try journal.commit()
    }
    try journal.close()
    if seq != Int64(orders) { throw Failure("\(orders) orders were made, \(seq) stored") }
  }

  private static func scan(_ lines: [UInt8], _ body: (UnsafeMutablePointer<Order>) throws -> Void) throws {
    var scanner = OrderScanner()
    lines.withUnsafeBytes { scanner.append($0) }
    scanner.finish()
    var batch = OrderBatch()
    var isOver = false
    while !isOver {
      isOver = scanner.next(into: &batch) == .end
      guard let base = batch.orders.baseAddress else { continue }
      for place in 0..<batch.count { try body(base + place) }
    }
  }
}
