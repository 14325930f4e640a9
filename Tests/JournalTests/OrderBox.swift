import COrderFlow
import Journal
import OrderFlow

/// An order with memory of its own for its texts.
final class OrderBox {
  let pointer: UnsafeMutablePointer<Order>
  private var texts: [UnsafeMutablePointer<UInt8>] = []

  init(seq: Int64, time: Int64 = 1_762_480_391_000, _ fields: [TextField: String] = OrderBox.usual) {
    pointer = .allocate(capacity: 1)
    pointer.initialize(to: .empty)
    pointer.pointee.seq = seq
    pointer.pointee.time = time
    pointer.pointee.price = 560_000
    pointer.pointee.shares = 9_000_000
    pointer.pointee.usd = 5_040_000
    for (field, text) in fields { set(field, Array(text.utf8)) }
  }

  deinit {
    for text in texts { text.deallocate() }
    pointer.deallocate()
  }

  func set(_ field: TextField, _ bytes: [UInt8]) {
    let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: max(bytes.count, 1))
    for (place, byte) in bytes.enumerated() { copy[place] = byte }
    texts.append(copy)
    pointer.pointee[field] = bb_text(bytes: copy, count: UInt32(bytes.count), symbol: 0)
  }

  static let usual: [TextField: String] = [
    .user: "0x6031b6eed1c97e853c6e0f03ad3ce3529351f96d",
    .taker: "0x8d4e5f6a7b8c9d0e1f2a3b4c5d6e7f8a9b0c1d2e",
    .tokenID: "80311845198420617303393545005967792170450763818026370381995461841892638500659",
    .tokenLabel: "No",
    .marketSlug: "btc-updown-15m-1762479900",
    .conditionID: "0x5853a47d2d7d97571684c458e2ac28f7f232e12d5490a96cc5b302bd8b4c61bd",
    .title: "Bitcoin Up or Down - November 6, 8:45PM-9:00PM ET",
    .txHash: "0xaccc1246d7bc1c95ad44789a6e7ecbc7819dd308632aa0190fedf9673c034077",
    .orderHash: "0xc2b8ee7c9dced1374ac8e2307c65e5204283781c98e1640e28d25d6cc14a0e13",
  ]
}

extension Journal {
  /// Appends an order whose memory must outlive the call.
  @discardableResult
  func append(_ box: OrderBox, identity: Digest128) throws -> Int64 {
    try withExtendedLifetime(box) { try append(order: box.pointer, identity: identity) }
  }
}

/// A digest that is different for each number.
func digest(_ number: Int) -> Digest128 {
  Digest128(high: UInt64(number) &* 0x9e37_79b9_7f4a_7c15, low: UInt64(number))
}

/// A signal that the order `seq` triggered; its id follows from rule and number.
func signal(_ seq: Int64, rule: String = "sweep", time: Int64 = 1_762_480_391_000) -> Signal {
  var signal = Signal(
    id: digest(Int(seq) &* 1_000 &+ rule.utf8.count), rule: rule, version: "v1", seq: seq, time: time,
    severity: .high, title: "signal at \(seq)")
  signal.hasOrder = true
  return signal
}
