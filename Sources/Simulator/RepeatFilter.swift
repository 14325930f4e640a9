internal import COrderFlow
internal import OrderFlow

/// Tells repeats of a leg in a recording from true fills.
///
/// Two messages are the same leg when transaction, token, wallet, side, shares and price agree and neither order
/// hash nor log index differs where both have it.
struct RepeatFilter {
  private struct Key: Hashable {
    var txHash: Hash256
    var token: UInt32
    var user: UInt32
    var isBuy: Bool
    var shares: Int64
    var price: Int32
  }

  private struct Mark {
    var orderHash: Hash256
    var logIndex: Int64
  }

  private var first: [Key: Mark] = [:]
  private var more: [Key: [Mark]] = [:]

  /// Whether a leg like it has not been seen.
  mutating func admits(_ order: FlowOrder, token: UInt32, logIndex: Int64) -> Bool {
    let key = Key(
      txHash: order.txHash, token: token, user: order.user, isBuy: order.isBuy, shares: order.shares,
      price: order.price)
    let mark = Mark(orderHash: order.orderHash, logIndex: logIndex)
    guard let known = first[key] else {
      first[key] = mark
      return true
    }
    let others = more[key] ?? []
    if ([known] + others).contains(where: { RepeatFilter.same($0, mark) }) { return false }
    more[key] = others + [mark]
    return true
  }

  private static func same(_ left: Mark, _ right: Mark) -> Bool {
    let hashesDiffer =
      left.orderHash.isPresent && right.orderHash.isPresent && left.orderHash != right.orderHash
    let placesDiffer = left.logIndex >= 0 && right.logIndex >= 0 && left.logIndex != right.logIndex
    return !hashesDiffer && !placesDiffer
  }
}
