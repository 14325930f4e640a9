/// Writes orders as the venues do, in each of the four forms.
struct OrderWriter: Sendable {
  private let flow: Flow
  /// For each outcome, what does not change from order to order.
  private let fragments: [Fragments]

  private struct Fragments {
    var domeHead: [UInt8] = []
    var domeMarket: [UInt8] = []
    var domeTitle: [UInt8] = []
    var rtdsHead: [UInt8] = []
    var rtdsMiddle: [UInt8] = []
    var rtdsTail: [UInt8] = []
    var rowToken: [UInt8] = []
    var rowMarket: [UInt8] = []
  }

  /// Prepares the texts of a flow.
  init(flow: Flow) {
    self.flow = flow
    fragments = flow.outcomes.map { OrderWriter.fragments(of: $0, flow.texts) }
  }

  /// Appends the members of a Dome order, without the braces.
  func appendDome(_ order: VenueOrder, to bytes: inout [UInt8]) {
    let leg = flow.orders[Int(order.leg)]
    let fragment = fragments[Int(leg.outcome)]
    bytes.append(contentsOf: fragment.domeHead)
    bytes.append(leg.isBuy ? "\"side\":\"BUY\"" : "\"side\":\"SELL\"")
    bytes.append(contentsOf: fragment.domeMarket)
    bytes.append(",\"shares\":")
    bytes.append(number: leg.shares)
    bytes.append(",\"shares_normalized\":")
    bytes.append(micros: leg.shares)
    bytes.append(",\"price\":")
    bytes.append(micros: Int64(leg.price))
    append(",\"tx_hash\":", leg.txHash.shifted(by: Int(order.pass)), to: &bytes)
    bytes.append(contentsOf: fragment.domeTitle)
    bytes.append(",\"timestamp\":")
    bytes.append(number: order.time)
    append(",\"order_hash\":", leg.orderHash, to: &bytes)
    bytes.append(",\"user\":\"")
    bytes.append(contentsOf: flow.texts[leg.user])
    bytes.append(UInt8(ascii: "\""))
    if leg.taker > 0 {
      bytes.append(",\"taker\":\"")
      bytes.append(contentsOf: flow.texts[leg.taker])
      bytes.append(UInt8(ascii: "\""))
    }
  }

  /// Appends a row of Dome's REST: an object with the order's place in the chain.
  func appendDomeRow(_ order: VenueOrder, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "{"))
    appendDome(order, to: &bytes)
    bytes.append(",\"block_number\":")
    bytes.append(number: order.blockNumber)
    bytes.append(",\"log_index\":")
    bytes.append(number: Int64(order.logIndex))
    bytes.append(UInt8(ascii: "}"))
  }

  /// Appends what follows the connection id in an RTDS frame, up to its end; `sent` is in ms since 1970.
  func appendRTDS(_ order: VenueOrder, sent: Int64, to bytes: inout [UInt8]) {
    let leg = flow.orders[Int(order.leg)]
    let fragment = fragments[Int(leg.outcome)]
    bytes.append(",\"topic\":\"activity\",\"type\":\"trades\",\"timestamp\":")
    bytes.append(number: sent)
    bytes.append(",\"payload\":{")
    bytes.append(contentsOf: fragment.rtdsHead)
    if leg.isTaker {
      bytes.append("\"fee\":")
      bytes.append(micros: OrderWriter.fee(leg))
      bytes.append(UInt8(ascii: ","))
    }
    bytes.append(contentsOf: fragment.rtdsMiddle)
    bytes.append("\"price\":")
    bytes.append(micros: Int64(leg.price))
    bytes.append(",\"profileImage\":\"\",\"proxyWallet\":\"")
    appendMixedCase(leg.user, to: &bytes)
    bytes.append("\",\"pseudonym\":\"\",\"side\":")
    bytes.append(leg.isBuy ? "\"BUY\"" : "\"SELL\"")
    bytes.append(",\"size\":")
    bytes.append(micros: leg.shares)
    bytes.append(contentsOf: fragment.rtdsTail)
    bytes.append(",\"timestamp\":")
    bytes.append(number: order.time)
    append(",\"transactionHash\":", leg.txHash.shifted(by: Int(order.pass)), to: &bytes)
    bytes.append("}}")
  }

  /// Appends a row of the Data API, version 2.
  func appendTrade(_ order: VenueOrder, to bytes: inout [UInt8]) {
    let leg = flow.orders[Int(order.leg)]
    let fragment = fragments[Int(leg.outcome)]
    bytes.append("{\"proxy_wallet\":\"")
    bytes.append(contentsOf: flow.texts[leg.user])
    bytes.append(leg.isBuy ? "\",\"side\":\"BUY\"" : "\",\"side\":\"SELL\"")
    bytes.append(contentsOf: fragment.rowToken)
    bytes.append(",\"size\":")
    bytes.append(micros: leg.shares)
    bytes.append(",\"price\":")
    bytes.append(micros: Int64(leg.price))
    bytes.append(",\"timestamp\":")
    bytes.append(number: order.time)
    bytes.append(contentsOf: fragment.rowMarket)
    append(",\"transaction_hash\":", leg.txHash.shifted(by: Int(order.pass)), to: &bytes)
    bytes.append(UInt8(ascii: "}"))
  }

  /// 5 % of shares × p × (1 − p) in micro-dollars, cut to five decimals.
  static func fee(_ leg: FlowOrder) -> Int64 {
    let price = Int64(leg.price)
    let (high, low) = leg.shares.multipliedFullWidth(by: price * (1_000_000 - price) / 20)
    // Both factors have six places more than the result; a product too large for that has no fee.
    guard high.magnitude < 100_000_000_000 else { return 0 }
    let micros = (1_000_000_000_000 as Int64).dividingFullWidth((high, low)).quotient
    return micros / 10 * 10
  }

  private func append(_ key: StaticString, _ hash: Hash256, to bytes: inout [UInt8]) {
    if !hash.isPresent { return }
    bytes.append(key)
    bytes.append(UInt8(ascii: "\""))
    hash.append(to: &bytes, pool: flow.texts)
    bytes.append(UInt8(ascii: "\""))
  }

  /// An address with some of its letters large, always the same ones, as checksummed addresses have them.
  private func appendMixedCase(_ text: UInt32, to bytes: inout [UInt8]) {
    for (place, byte) in flow.texts[text].enumerated() {
      let isLetter = byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "f")
      let isLarge = isLetter && (UInt32(truncatingIfNeeded: place) &* 7 &+ text) % 3 == 0
      bytes.append(isLarge ? byte - 0x20 : byte)
    }
  }

  private static func fragments(of outcome: Outcome, _ texts: TextPool) -> Fragments {
    func member(_ key: StaticString, _ text: UInt32, after: StaticString = "", before: StaticString = "")
      -> [UInt8]
    {
      var bytes: [UInt8] = []
      if text == 0 { return bytes }
      bytes.append(before)
      bytes.append(key)
      bytes.append(quoted: texts[text])
      bytes.append(after)
      return bytes
    }
    func index(_ key: StaticString) -> [UInt8] {
      var bytes: [UInt8] = []
      bytes.append(key)
      bytes.append(number: Int64(outcome.index))
      return bytes
    }
    var result = Fragments()
    result.domeHead =
      member("\"token_id\":", outcome.tokenID, after: ",")
      + member("\"token_label\":", outcome.label, after: ",")
    result.domeMarket =
      member("\"market_slug\":", outcome.slug, before: ",")
      + member("\"condition_id\":", outcome.conditionID, before: ",")
    result.domeTitle = member("\"title\":", outcome.title, before: ",")
    result.rtdsHead =
      member("\"asset\":", outcome.tokenID, after: ",") + Array("\"bio\":\"\",".utf8)
      + member("\"conditionId\":", outcome.conditionID, after: ",")
      + member("\"eventSlug\":", outcome.slug, after: ",")
    result.rtdsMiddle =
      Array("\"icon\":\"\",\"name\":\"\",".utf8) + member("\"outcome\":", outcome.label, after: ",")
      + index("\"outcomeIndex\":") + Array(",".utf8)
    result.rtdsTail =
      member("\"slug\":", outcome.slug, before: ",") + member("\"title\":", outcome.title, before: ",")
    result.rowToken =
      member("\"token_id\":", outcome.tokenID, before: ",")
      + member("\"condition_id\":", outcome.conditionID, before: ",")
    result.rowMarket =
      member("\"title\":", outcome.title, before: ",") + member("\"slug\":", outcome.slug, before: ",")
      + Array(",\"icon\":\"\"".utf8) + member("\"event_slug\":", outcome.slug, before: ",")
      + member("\"outcome\":", outcome.label, before: ",") + index(",\"outcome_index\":")
      + Array(",\"name\":\"\",\"pseudonym\":\"\",\"bio\":\"\",\"profile_image\":\"\"".utf8)
      + Array(",\"profile_image_optimized\":\"\"".utf8)
    return result
  }
}
