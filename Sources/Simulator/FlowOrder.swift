/// One leg of the flow, packed so that millions fit.
struct FlowOrder: Sendable {
  /// What the order is about, by its number in the flow.
  var outcome: UInt32 = 0
  /// Texts of the pool.
  var user: UInt32 = 0
  var taker: UInt32 = 0
  /// Whether `user` buys; otherwise it sells.
  var isBuy = true
  /// Whether it is the leg of the one who took the other's offer.
  var isTaker = false
  /// Micro-dollars a share.
  var price: Int32 = 0
  /// Micro-shares.
  var shares: Int64 = 0
  /// Seconds since 1970, as recorded.
  var time: Int64 = 0
  var txHash = Hash256.absent
  var orderHash = Hash256.absent
}
