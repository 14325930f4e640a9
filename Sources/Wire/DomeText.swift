public import COrderFlow
internal import OrderFlow

/// Orders as JSON in the shape of Dome's REST rows, which the scanner reads back to the same orders.
public enum DomeText {
  /// Appends one object without a newline; amounts are exact decimals, absent fields are left out.
  public static func append(_ order: UnsafePointer<bb_order>, to out: inout [UInt8]) {
    let value = order.pointee
    out.append(UInt8(ascii: "{"))
    text("token_id", value[.tokenID], &out)
    text("token_label", value[.tokenLabel], &out)
    raw("\"side\":\"\(value.sideName)\"", &out)
    out.append(Byte.comma)
    text("market_slug", value[.marketSlug], &out)
    text("condition_id", value[.conditionID], &out)
    raw("\"shares\":\(value.shares),\"shares_normalized\":\(Micros(raw: value.shares).text)", &out)
    raw(",\"price\":\(Micros(raw: value.price).text),", &out)
    text("tx_hash", value[.txHash], &out)
    text("title", value[.title], &out)
    raw("\"timestamp\":\(value.time / 1000)", &out)
    if value[.orderHash].count > 0 { member("order_hash", value[.orderHash], &out) }
    member("user", value[.user], &out)
    if value[.taker].count > 0 { member("taker", value[.taker], &out) }
    if value.block_number >= 0 { raw(",\"block_number\":\(value.block_number)", &out) }
    if value.log_index >= 0 { raw(",\"log_index\":\(value.log_index)", &out) }
    out.append(Byte.closeBrace)
  }

  /// A member with a comma behind it, nothing when it is absent.
  private static func text(_ key: StaticString, _ value: bb_text, _ out: inout [UInt8]) {
    if value.count == 0 { return }
    name(key, &out)
    string(value, &out)
    out.append(Byte.comma)
  }

  /// A member with a comma before it.
  private static func member(_ key: StaticString, _ value: bb_text, _ out: inout [UInt8]) {
    out.append(Byte.comma)
    name(key, &out)
    string(value, &out)
  }

  private static func name(_ key: StaticString, _ out: inout [UInt8]) {
    out.append(Byte.quote)
    out.append(contentsOf: UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount))
    out.append(Byte.quote)
    out.append(UInt8(ascii: ":"))
  }

  private static func raw(_ text: String, _ out: inout [UInt8]) { out.append(contentsOf: text.utf8) }

  /// A text as a JSON string.
  private static func string(_ value: bb_text, _ out: inout [UInt8]) {
    out.append(Byte.quote)
    for byte in UnsafeBufferPointer(start: value.bytes, count: Int(value.count)) {
      switch byte {
      case Byte.quote, UInt8(ascii: "\\"):
        out.append(UInt8(ascii: "\\"))
        out.append(byte)
      case 0..<0x20:
        let digits: StaticString = "0123456789abcdef"
        raw("\\u00", &out)
        out.append(digits.utf8Start[Int(byte >> 4)])
        out.append(digits.utf8Start[Int(byte & 15)])
      default: out.append(byte)
      }
    }
    out.append(Byte.quote)
  }
}
