import COrderFlow
import OrderFlow

/// The rules of one order's fields.
enum ReferenceOrder {
  private struct Invalid: Error {}

  static func read(_ tree: ReferenceJSON) -> OrderCopy? {
    do {
      var order = OrderCopy()
      try texts(tree, &order)
      let side = try number(tree["side"], isNumberAllowed: false)
      guard side == Array("BUY".utf8) || side == Array("SELL".utf8) else { return nil }
      order.side = String(decoding: side ?? [], as: UTF8.self)
      guard let price = try number(tree["price"]), let micros = ReferenceDecimal(price)?.rounded(6),
        (0...1_000_000).contains(micros)
      else { return nil }
      order.price = micros
      order.shares = try shares(tree)
      guard let time = try whole(tree["timestamp"]), (0...9_999_999_999).contains(time) else { return nil }
      order.time = time * 1000
      order.block = try whole(tree["block_number"]) ?? -1
      order.logIndex = try whole(tree["log_index"]) ?? -1
      value(&order)
      return order
    } catch {
      return nil
    }
  }

  private static func texts(_ tree: ReferenceJSON, _ order: inout OrderCopy) throws {
    func text(
      _ field: TextField, _ json: ReferenceJSON?, _ limit: Int = 4096, required: Bool = false, lower: Bool
    )
      throws
    {
      var text: [UInt8] = []
      if let json {
        guard case .string(let found, let raw) = json, found.count <= limit else { throw Invalid() }
        // A text that must be copied may be written with at most six bytes for each of the 4,096.
        if raw > 6 * 4096 { throw Invalid() }
        text = found
      }
      if required, text.isEmpty { throw Invalid() }
      order.texts[field.rawValue] = lower ? text.map { (65...90).contains($0) ? $0 + 32 : $0 } : text
    }
    try text(.tokenID, tree["token_id", "asset"], 256, required: true, lower: false)
    try text(.user, tree["user", "proxyWallet", "proxy_wallet"], 128, required: true, lower: true)
    try text(.txHash, tree["tx_hash", "transactionHash", "transaction_hash"], required: true, lower: true)
    try text(.taker, tree["taker"], lower: true)
    try text(.tokenLabel, tree["token_label", "outcome"], lower: false)
    try text(.marketSlug, tree["market_slug", "slug"], lower: false)
    try text(.conditionID, tree["condition_id", "conditionId"], lower: true)
    try text(.title, tree["title"], lower: false)
    try text(.orderHash, tree["order_hash"], lower: true)
  }

  private static func shares(_ tree: ReferenceJSON) throws -> Int64 {
    let micro = try number(tree["shares"])
    let normalized = try number(tree["shares_normalized"])
    let size = try number(tree["size"])
    if let micro {
      guard let value = ReferenceDecimal(micro)?.whole, value > 0 else { throw Invalid() }
      return value
    }
    guard let text = normalized ?? size, let value = ReferenceDecimal(text)?.rounded(6), value > 0 else {
      throw Invalid()
    }
    return value
  }

  private static func whole(_ json: ReferenceJSON?) throws -> Int64? {
    guard let text = try number(json) else { return nil }
    if json?.text != nil, !text.allSatisfy({ (0x30...0x39).contains($0) }) { throw Invalid() }
    guard let value = ReferenceDecimal(text)?.whole, value >= 0 else { throw Invalid() }
    return value
  }

  private static func number(_ json: ReferenceJSON?, isNumberAllowed: Bool = true) throws -> [UInt8]? {
    switch json {
    case nil: return nil
    case .number(let text) where isNumberAllowed: return text
    case .string(let text, _):
      if text.count > 4096 { throw Invalid() }
      return text.isEmpty ? nil : text
    default: throw Invalid()
    }
  }

  /// Price and shares are whole millionths here, so the product has twelve places: the last six are cut off.
  private static func value(_ order: inout OrderCopy) {
    let product = order.price.multipliedFullWidth(by: order.shares)
    let (floor, rest) = (1_000_000 as Int64).dividingFullWidth(product)
    order.usdFloor = floor
    order.usd = rest > 500_000 || (rest == 500_000 && floor % 2 == 1) ? floor + 1 : floor
    let exchanges = [
      "0x4bfb41d5b3570defd03c39a9a4d8de6bd8b8982e", "0xe111180000d2663c0091e4f400237545b87b996b",
      "0xc5d563a36ae78145c45a50134d48a1215220f80a", "0xe2222d279d744050d28e00520010520000310f59",
    ]
    let taker = String(decoding: order.texts[TextField.taker.rawValue], as: UTF8.self)
    order.role = taker.isEmpty ? 0 : exchanges.contains(taker) ? 1 : 2
  }
}
