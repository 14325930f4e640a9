import Journal
import OrderFlow
import Wire

/// Journal rows as JSON.
enum RowJSON {
  /// A signal as lists show it: what `SignalLine` writes, with its number before it.
  static func signal(_ numbered: NumberedSignal, _ writer: inout JSONWriter) {
    var bytes: [UInt8] = []
    SignalLine.append(numbered.signal, to: &bytes)
    bytes.removeFirst()
    bytes.removeLast()
    writer.raw(Array("{\"n\":\(numbered.number),".utf8) + bytes)
  }

  /// An order.
  static func order(_ order: StoredOrder, _ writer: inout JSONWriter) {
    writer.object {
      $0.member("seq", order.seq)
      $0.member("t", order.time)
      $0.member("venue", order.venue)
      $0.member("side", order.side)
      $0.member("user", order.user)
      $0.member("role", order.role)
      $0.member("market", order.market)
      $0.member("condition_id", order.conditionID)
      $0.member("title", order.title)
      $0.member("token", order.token)
      $0.member("token_label", order.tokenLabel)
      $0.member("price", decimal(order.price))
      $0.member("shares", decimal(order.shares))
      $0.member("usd", decimal(order.usd))
      $0.member("tx_hash", order.transaction)
      $0.member("order_hash", order.orderHash)
      $0.member("late", order.late)
      $0.member("source", order.source)
    }
  }

  /// Millionths as decimal text without superfluous zeros, never through a binary fraction.
  static func decimal(_ millionths: Int64) -> String {
    let (whole, rest) = millionths.magnitude.quotientAndRemainder(dividingBy: 1_000_000)
    let sign = millionths < 0 ? "-" : ""
    if rest == 0 { return "\(sign)\(whole)" }
    var digits = String(rest)
    digits = String(repeating: "0", count: 6 - digits.utf8.count) + digits
    while digits.last == "0" { digits.removeLast() }
    return "\(sign)\(whole).\(digits)"
  }

  /// A page: its rows under a name, and where the next one begins.
  static func page<Row>(
    _ name: String, _ page: Page<Row>, _ row: (Row, inout JSONWriter) -> Void
  ) -> [UInt8] {
    var writer = JSONWriter()
    writer.object {
      $0.key(name)
      $0.array { list in for item in page.rows { row(item, &list) } }
      $0.member("next", page.next)
    }
    return writer.bytes
  }
}
