import Journal
import OrderFlow
import RuleEngine
import RuleKit

/// Two engines that see the same events.
final class EnginePair {
  let before: Engine
  let after: Engine
  /// What the rules of each made of the last batch.
  private(set) var saidBefore = EngineOutput()
  private(set) var saidAfter = EngineOutput()
  /// The orders of the last batch as each engine left them.
  private(set) var ordersBefore: UnsafeMutableBufferPointer<Order>
  private(set) var ordersAfter: UnsafeMutableBufferPointer<Order>
  private let room: UnsafeMutablePointer<Order>

  /// Most orders of a batch.
  static let capacity = 512

  init(before: Engine, after: Engine) {
    self.before = before
    self.after = after
    room = .allocate(capacity: EnginePair.capacity)
    ordersBefore = UnsafeMutableBufferPointer(start: room, count: 0)
    ordersAfter = ordersBefore
  }

  deinit { room.deallocate() }

  subscript(side: DiffSide) -> Engine { side == .before ? before : after }

  /// What the rules of a side made of the last batch.
  func said(_ side: DiffSide) -> EngineOutput { side == .before ? saidBefore : saidAfter }

  /// The only order of the last batch as one of the engines left it, nil when it had none.
  func order(_ side: DiffSide) -> UnsafePointer<Order>? {
    let orders = side == .before ? ordersBefore : ordersAfter
    return orders.isEmpty ? nil : orders.baseAddress.map { UnsafePointer($0) }
  }

  /// Runs both over orders of a recording.
  func process(_ orders: UnsafeMutableBufferPointer<Order>, _ hashes: UnsafePointer<OrderHashes>) {
    // An engine numbers and interns orders where they lie, and takes repeats out.
    copy(orders)
    before.process(ordersBefore, hashes: hashes, into: &saidBefore)
    after.process(orders, hashes: hashes, into: &saidAfter)
    ordersBefore = UnsafeMutableBufferPointer(start: room, count: saidBefore.orderCount)
    ordersAfter = UnsafeMutableBufferPointer(rebasing: orders.prefix(saidAfter.orderCount))
  }

  /// Runs both over a batch of a journal.
  func restore(_ batch: StoredBatch) {
    var copied = batch
    if case .orders(let orders) = batch {
      copy(orders)
      copied = .orders(ordersBefore)
    } else {
      ordersBefore = UnsafeMutableBufferPointer(start: room, count: 0)
      ordersAfter = ordersBefore
    }
    before.restore(copied, into: &saidBefore)
    after.restore(batch, into: &saidAfter)
  }

  private func copy(_ orders: UnsafeMutableBufferPointer<Order>) {
    let count = min(orders.count, EnginePair.capacity)
    if let first = orders.baseAddress { room.update(from: first, count: count) }
    ordersBefore = UnsafeMutableBufferPointer(start: room, count: count)
    ordersAfter = orders
  }
}
