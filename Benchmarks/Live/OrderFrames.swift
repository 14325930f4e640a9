internal import Foundation

/// Order frames of the Dome protocol, rendered beforehand; only hashes, time and stamp change from order to order.
struct OrderFrames {
  /// A frame and the places in it that change.
  private struct Template {
    var bytes: [UInt8]
    var transaction: Int
    var order: Int
    var time: Int
    var user: Int
    /// Of a probe: where the stamp goes.
    var stamp: Int?
  }

  /// What the probe rule knows a probe by.
  static let probeLabel = "Probe"

  private static let wallets = 50_000
  /// Half of the orders come from these.
  private static let activeWallets = 5_000

  private let templates: [Template]
  private let users: [UInt8]

  /// Fifty thousand wallets in six hundred outcomes, and so many orders that differ; the same in every run.
  ///
  /// One in `probeEvery` is a probe.
  init(count: Int = 20_000, probeEvery: Int) {
    var random = Random(state: 1)
    self.users = Array((0..<OrderFrames.wallets).map { _ in random.hex(40) }.joined().utf8)
    let markets = (0..<300).map { place in
      (
        slug: "market-\(place)-\(random.hex(6))", condition: "0x" + random.hex(64),
        tokens: (random.decimal(77), random.decimal(77))
      )
    }
    templates = (0..<count).map { place -> Template in
      let market = markets[random.skewed(markets.count)]
      let isYes = random.next() & 1 == 0
      let price = 5 + random.below(90)
      // Most fills are small; one in three hundred is worth ten thousand dollars or more.
      let dollars = random.below(300) == 0 ? 10_000 + random.below(50_000) : 1 + random.skewed(400)
      let shares = dollars * 100_000_000 / price
      let isProbe = place % probeEvery == 0
      let label = isProbe ? OrderFrames.probeLabel : isYes ? "Yes" : "No"
      let title = isProbe ? OrderFrames.stamp : "Will the thing of market \(market.slug) happen?"
      let text =
        #"{"type":"event","subscription_id":"sub_bench","data":{"#
        + #""token_id":"\#(isYes ? market.tokens.0 : market.tokens.1)","token_label":"\#(label)","#
        + #""side":"\#(random.next() & 1 == 0 ? "BUY" : "SELL")","market_slug":"\#(market.slug)","#
        + #""condition_id":"\#(market.condition)","shares":\#(shares),"#
        + #""shares_normalized":\#(shares / 1_000_000).\#(String(format: "%06d", shares % 1_000_000)),"#
        + #""price":0.\#(String(format: "%02d", price)),"tx_hash":"0x\#(random.hex(48))\#(OrderFrames.first)","#
        + #""title":"\#(title)","timestamp":\#(OrderFrames.time),"#
        + #""order_hash":"0x\#(random.hex(48))\#(OrderFrames.second)","#
        + #""user":"0x\#(OrderFrames.user)","taker":"0x\#(random.hex(40))"}}"#
      return OrderFrames.template(text, isProbe: isProbe)
    }
  }

  // Marks of the same length as what replaces them.
  private static let first = "TTTTTTTTTTTTTTTT"
  private static let second = "OOOOOOOOOOOOOOOO"
  private static let user = String(repeating: "U", count: 40)
  private static let time = "SSSSSSSSSS"
  private static let stamp = "NNNNNNNNNNNNNNNNNNNN"

  private static func template(_ text: String, isProbe: Bool) -> Template {
    let payload = Array(text.utf8)
    precondition(payload.count > 125 && payload.count < 65_536)
    let frame = [0x81, 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)] + payload
    func place(_ mark: String) -> Int {
      let mark = Array(mark.utf8)
      return frame.indices.first { frame[$0...].starts(with: mark) } ?? 0
    }
    return Template(
      bytes: frame, transaction: place(first), order: place(second), time: place(time), user: place(user),
      stamp: isProbe ? place(stamp) : nil)
  }

  /// Appends the frame of an order that happened at `seconds` since 1970; a probe carries the stamp.
  func append(_ number: Int, seconds: Int, stamp: UInt64, to bytes: inout [UInt8]) {
    let template = templates[number % templates.count]
    let start = bytes.count
    bytes.append(contentsOf: template.bytes)
    bytes.withUnsafeMutableBufferPointer { bytes in
      var random = Random(state: UInt64(number) << 32)
      OrderFrames.hex(random.next(), bytes, start + template.transaction)
      OrderFrames.hex(random.next(), bytes, start + template.order)
      OrderFrames.decimal(UInt64(seconds), 10, bytes, start + template.time)
      let limit = random.next() & 1 == 0 ? OrderFrames.activeWallets : OrderFrames.wallets
      let user = random.below(limit) * 40
      for place in 0..<40 { bytes[start + template.user + place] = users[user + place] }
      if let place = template.stamp { OrderFrames.decimal(stamp, 20, bytes, start + place) }
    }
  }

  private static func hex(_ value: UInt64, _ bytes: UnsafeMutableBufferPointer<UInt8>, _ start: Int) {
    for place in 0..<16 {
      let digit = UInt8(value >> UInt64(60 - 4 * place) & 15)
      bytes[start + place] = digit < 10 ? 0x30 + digit : 0x57 + digit
    }
  }

  private static func decimal(
    _ value: UInt64, _ digits: Int, _ bytes: UnsafeMutableBufferPointer<UInt8>, _ start: Int
  ) {
    var value = value
    for place in (0..<digits).reversed() {
      bytes[start + place] = 0x30 + UInt8(value % 10)
      value /= 10
    }
  }
}
