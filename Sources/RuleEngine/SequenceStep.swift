import COrderFlow
import OrderFlow

/// The order that made a step of a sequence, as of then: numbers, and texts by their symbols.
struct SequenceStep: Equatable {
  /// Event time, ms.
  var time: Int64
  /// Journal number.
  var seq: Int64
  var price, shares, usd, usdFloor: Int64
  var user, token, market: UInt32
  var side: UInt8

  /// The text fields it keeps.
  static let texts: [OrderField] = [.text(.user), .text(.tokenID), .text(.marketSlug)]

  init(_ order: UnsafePointer<bb_order>) {
    time = order.pointee.time
    seq = order.pointee.seq
    price = order.pointee.price
    shares = order.pointee.shares
    usd = order.pointee.usd
    usdFloor = order.pointee.usd_floor
    user = order.text(.user).pointee.symbol
    token = order.text(.tokenID).pointee.symbol
    market = order.text(.marketSlug).pointee.symbol
    side = order.pointee.side
  }

  /// Keeps its texts through the coming sweep.
  func mark(_ symbols: borrowing SymbolTable) {
    for symbol in [user, token, market] { symbols.mark(Int64(symbol)) }
  }
}
