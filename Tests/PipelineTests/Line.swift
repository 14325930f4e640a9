/// One order as a line of Dome's format, for inputs made by hand.
struct Line: CustomStringConvertible {
  var user = "0xa"
  var side = "BUY"
  var token = "100"
  var label = "Yes"
  var price = "0.5"
  var shares = 1000
  /// Seconds after the start of the recording.
  var second = 0
  /// Tells orders apart that are equal otherwise.
  var transaction = "0x1"
  var title = "A market?"

  var description: String {
    """
    {"token_id":"\(token)","token_label":"\(label)","side":"\(side)","market_slug":"a-market",\
    "condition_id":"0xc","shares":\(shares * 1_000_000),"shares_normalized":\(shares),"price":\(price),\
    "tx_hash":"\(transaction)","title":"\(title)","timestamp":\(1_700_000_000 + second),\
    "order_hash":"","user":"\(user)","taker":""}
    """
  }

  /// Orders that differ in their transaction, one a second.
  static func flow(_ count: Int, _ change: (inout Line, Int) -> Void = { _, _ in }) -> [Line] {
    (0..<count).map { number in
      var line = Line(second: number, transaction: "0x\(String(number, radix: 16))")
      change(&line, number)
      return line
    }
  }
}
