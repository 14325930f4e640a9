internal import COrderFlow
internal import OrderFlow

/// What a valid order may hold, and how its fields are set; shared by both ways of reading one.
enum OrderLimits {
  /// Longest texts, in bytes.
  static let tokenID = 256
  static let user = 128
  static let text = 4096

  /// Latest time, in seconds since 1970.
  static let seconds: Int64 = 9_999_999_999
  /// Highest price, in micro-dollars a share.
  static let price: Int64 = 1_000_000

  /// The texts of an order, by `TextField`.
  @inline(__always)
  static func texts(_ order: UnsafeMutablePointer<Order>) -> UnsafeMutablePointer<bb_text> {
    // They are the last member of the structure.
    let offset = MemoryLayout<Order>.size &- Int(BB_TEXT_COUNT) &* MemoryLayout<bb_text>.size
    return (UnsafeMutableRawPointer(order) + offset).assumingMemoryBound(to: bb_text.self)
  }

  /// Makes the order one with every optional field absent.
  @inline(__always)
  static func clear(_ order: UnsafeMutablePointer<Order>) {
    UnsafeMutableRawPointer(order).initializeMemory(
      as: UInt8.self, repeating: 0, count: MemoryLayout<Order>.size)
    order.pointee.block_number = -1
    order.pointee.log_index = -1
  }

  /// Sets what follows from the other fields; false when the value of the order does not fit.
  @inline(__always)
  static func complete(_ order: UnsafeMutablePointer<Order>, _ exchanges: borrowing ExchangeList) -> Bool {
    guard let usd = Micros.notional(price: order.pointee.price, shares: order.pointee.shares) else {
      return false
    }
    order.pointee.usd = usd.rounded
    order.pointee.usd_floor = usd.floor
    order.pointee.venue = UInt8(truncatingIfNeeded: BB_VENUE_POLYMARKET)
    let taker = texts(order)[TextField.taker.rawValue]
    guard let bytes = taker.bytes, taker.count > 0 else { return true }
    let isExchange = exchanges.contains(bytes, Int(taker.count))
    let role = isExchange ? BB_ROLE_TAKER : BB_ROLE_MAKER
    order.pointee.role = UInt8(truncatingIfNeeded: role)
    return true
  }
}
