public import COrderFlow
public import OrderFlow

/// An order of a test, with its texts: the engine's own layout only borrows them.
public struct TestOrder: Equatable, Sendable {
  /// Event time, ms since 1970 UTC.
  public var time: Int64
  /// Micro-dollars a share.
  public var price: Int64
  /// Micro-shares.
  public var shares: Int64
  /// Whether the wallet sold.
  public var isSale = false
  /// Which leg of the match it is: `BB_ROLE_…`.
  public var role = UInt8(BB_ROLE_UNKNOWN)
  /// Where it happened: `BB_VENUE_…`.
  public var venue = UInt8(BB_VENUE_POLYMARKET)
  /// Number of its block, -1 when the venue did not send one.
  public var blockNumber: Int64 = -1
  /// Its place in the block, -1 when the venue did not send one.
  public var logIndex: Int64 = -1
  private var texts: [UInt8] = []
  /// Where the text of each field ends in `texts`.
  private var ends: [Int32]

  /// An order without texts.
  public init(time: Int64, price: Int64, shares: Int64) {
    self.time = time
    self.price = price
    self.shares = shares
    ends = Array(repeating: 0, count: Int(BB_TEXT_COUNT))
  }

  /// A copy of an order as it was read.
  public init(_ order: UnsafePointer<Order>) {
    self.init(time: order.pointee.time, price: order.pointee.price, shares: order.pointee.shares)
    isSale = order.pointee.side != UInt8(BB_SIDE_BUY)
    role = order.pointee.role
    venue = order.pointee.venue
    blockNumber = order.pointee.block_number
    logIndex = order.pointee.log_index
    for field in TextField.allCases where field != .label {
      let text = order.pointee[field]
      if let bytes = text.bytes {
        texts.append(contentsOf: UnsafeBufferPointer(start: bytes, count: Int(text.count)))
      }
      ends[field.rawValue] = Int32(clamping: texts.count)
    }
    ends[TextField.label.rawValue] = Int32(clamping: texts.count)
  }

  /// A text, nil when there is none.
  public subscript(_ field: TextField) -> String? {
    get {
      let range = range(field)
      return range.isEmpty ? nil : String(decoding: texts[range], as: UTF8.self)
    }
    set {
      let range = range(field)
      let bytes = Array((newValue ?? "").utf8.prefix(4096))
      texts.replaceSubrange(range, with: bytes)
      let moved = Int32(clamping: bytes.count - range.count)
      for place in field.rawValue..<ends.count { ends[place] += moved }
    }
  }

  private func range(_ field: TextField) -> Range<Int> {
    let end = Int(ends[field.rawValue])
    return (field.rawValue == 0 ? 0 : Int(ends[field.rawValue - 1]))..<end
  }

  /// Its worth in micro-dollars; nil when that does not fit 64 bits.
  public var usd: Int64? { Micros.notional(price: price, shares: shares)?.rounded }

  /// Lays the order out as the engine takes it; the pointer is valid inside the body.
  public func withOrder<Result>(_ body: (UnsafeMutablePointer<Order>) throws -> Result) rethrows -> Result {
    var order = Order.empty
    order.time = time
    order.price = price
    order.shares = shares
    order.side = UInt8(isSale ? BB_SIDE_SELL : BB_SIDE_BUY)
    order.role = role
    order.venue = venue
    order.block_number = blockNumber
    order.log_index = logIndex
    let usd = Micros.notional(price: price, shares: shares) ?? (.max, .max)
    order.usd = usd.rounded
    order.usd_floor = usd.floor
    return try texts.withUnsafeBufferPointer { bytes in
      for field in TextField.allCases {
        let range = range(field)
        if range.isEmpty { continue }
        order[field] = bb_text(
          bytes: bytes.baseAddress.map { $0 + range.lowerBound }, count: UInt32(range.count), symbol: 0)
      }
      return try withUnsafeMutablePointer(to: &order, body)
    }
  }
}
