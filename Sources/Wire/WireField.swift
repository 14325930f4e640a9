internal import CScan

/// What a key of a message means, whatever the format calls it.
enum WireField: UInt8, CaseIterable {
  // Of an order.
  case tokenID, side, price, shares, sharesNormalized, size, timestamp, user, txHash
  case tokenLabel, marketSlug, conditionID, title, orderHash, taker, blockNumber, logIndex
  // Of what surrounds it.
  case type, topic, eventType, data, payload, orders
  case unknown

  /// The bit of this field in a set of fields.
  @inline(__always)
  var bit: UInt32 { 1 &<< UInt32(rawValue) }

  /// Whether it belongs to an order.
  @inline(__always)
  var isOrderField: Bool { rawValue <= WireField.logIndex.rawValue }

  /// Keys that surround an order or tell what a message is.
  static let envelope = mask([.type, .topic, .eventType, .data, .payload, .orders])

  /// An object without a single one of these is no order; times, titles and the like occur in anything.
  static let orderLike = mask([
    .tokenID, .side, .price, .shares, .sharesNormalized, .size, .user, .txHash, .orderHash,
  ])

  private static func mask(_ fields: [WireField]) -> UInt32 { fields.reduce(0) { $0 | $1.bit } }

  /// The name that error messages use when the message does not spell the key.
  var name: String {
    switch self {
    case .tokenID: "token_id"
    case .sharesNormalized: "shares_normalized"
    case .txHash: "tx_hash"
    case .tokenLabel: "token_label"
    case .marketSlug: "market_slug"
    case .conditionID: "condition_id"
    case .orderHash: "order_hash"
    case .blockNumber: "block_number"
    case .logIndex: "log_index"
    case .eventType: "event_type"
    default: "\(self)"
    }
  }

  /// The field that a key names in any of the formats.
  ///
  /// Those are Dome's, that of RTDS and of the Data API before 2026-10-24, and that of its version 2.
  static func named(_ key: BytePointer, _ count: Int) -> WireField {
    func has(_ name: StaticString) -> Bool { bbscan_same(key, name.utf8Start, count) != 0 }
    switch count {
    case 4: return named4(has)
    case 5: return has("price") ? .price : has("taker") ? .taker : has("title") ? .title : named5(has)
    case 6: return has("shares") ? .shares : has("orders") ? .orders : .unknown
    case 7:
      return has("tx_hash") ? .txHash : has("outcome") ? .tokenLabel : has("payload") ? .payload : .unknown
    case 8: return has("token_id") ? .tokenID : .unknown
    case 9: return has("timestamp") ? .timestamp : has("log_index") ? .logIndex : .unknown
    case 10: return has("order_hash") ? .orderHash : has("event_type") ? .eventType : .unknown
    case 11: return named11(has)
    case 12:
      return has("condition_id")
        ? .conditionID
        : has("block_number")
          ? .blockNumber
          : has("proxy_wallet") ? .user : .unknown
    case 15: return has("transactionHash") ? .txHash : .unknown
    case 16: return has("transaction_hash") ? .txHash : .unknown
    case 17: return has("shares_normalized") ? .sharesNormalized : .unknown
    default: return .unknown
    }
  }

  @inline(__always)
  private static func named4(_ has: (StaticString) -> Bool) -> WireField {
    if has("side") { return .side }
    if has("user") { return .user }
    if has("size") { return .size }
    if has("slug") { return .marketSlug }
    return has("type") ? .type : has("data") ? .data : .unknown
  }

  @inline(__always)
  private static func named5(_ has: (StaticString) -> Bool) -> WireField {
    has("asset") ? .tokenID : has("topic") ? .topic : .unknown
  }

  @inline(__always)
  private static func named11(_ has: (StaticString) -> Bool) -> WireField {
    if has("token_label") { return .tokenLabel }
    if has("market_slug") { return .marketSlug }
    return has("proxyWallet") ? .user : has("conditionId") ? .conditionID : .unknown
  }
}
