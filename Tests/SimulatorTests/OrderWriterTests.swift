import Documents
import Testing

@testable import Simulator

@Suite struct OrderWriterTests {
  @Test("both protocols and both kinds of REST row read back as the same orders")
  func sameOrders() {
    let test = TestVenue(400) { $0.twinRate = 0.01 }
    let dome = test.connect()
    let rtds = test.connect(TestVenue.topics)
    test.run(milliseconds: 600)
    let happened = test.happened
    #expect(happened.count == test.venue.source.flow.count)
    #expect(happened.count > 400)
    #expect(test.orders(dome).map { $0.texts } == happened.map { $0.texts })
    #expect(test.orders(dome).map { $0.common } == happened.map { $0.common })
    #expect(test.orders(rtds).map { $0.common } == happened.map { $0.common })
    let trades = scan(test.get("/v2/trades?limit=1000&taker_only=false").body)
    #expect(trades.rejected == 0)
    #expect(trades.orders.map { $0.common }.sorted() == happened.map { $0.common }.sorted())
    let rows = scan(test.get("/polymarket/orders?limit=1000&start_time=1").body)
    #expect(rows.rejected == 0)
    #expect(Set(rows.orders) == Set(happened))
  }

  @Test("wallets are in mixed case in RTDS, and takers alone pay a fee")
  func rtds() {
    let test = TestVenue(200)
    let rtds = test.connect(TestVenue.topics)
    test.run(milliseconds: 300)
    let payloads = (test.frames[rtds] ?? []).compactMap { $0.json?["payload"] }
    #expect(payloads.count == 200)
    #expect(payloads.contains { $0["proxyWallet"]?.text != $0["proxyWallet"]?.text?.lowercased() })
    #expect(test.frames[rtds]?.allSatisfy { $0.json?["topic"]?.text == "activity" } == true)
    let roles = test.happened.map { $0.role == 1 }
    #expect(payloads.map { $0["fee"] != nil } == roles)
  }

  @Test("the fee is 5 % of shares × p × (1 − p), cut to five decimals")
  func fee() {
    var leg = FlowOrder()
    leg.shares = 16_260_000
    leg.price = 520_000
    #expect(OrderWriter.fee(leg) == 202_920)
    leg.shares = .max
    #expect(OrderWriter.fee(leg) > 0)
    leg.price = 0
    #expect(OrderWriter.fee(leg) == 0)
  }

  @Test(
    "numbers and texts are written as JSON has them",
    arguments: [
      (0, "0"), (9_000_000, "9"), (350_000, "0.35"), (-1_000_001, "-1.000001"), (163_460_000, "163.46"),
      (Int64.max, "9223372036854.775807"), (Int64.min, "-9223372036854.775808"),
    ] as [(Int64, String)])
  func micros(_ raw: Int64, _ expected: String) {
    var bytes: [UInt8] = []
    bytes.append(micros: raw)
    #expect(String(decoding: bytes, as: UTF8.self) == expected)
  }

  @Test("quotes, backslashes and control characters are escaped")
  func escapes() {
    let text = "a\"b\\c\u{1}\u{1f}\nÜ"
    var bytes: [UInt8] = []
    bytes.append(quoted: text)
    #expect(JSONValue(bytes) == .string(text))
  }

  @Test("a hash that is no hash stays as it is")
  func oddHash() {
    var pool = TextPool()
    for text in [
      "", "0x12", "0x" + String(repeating: "g", count: 64), "0x" + String(repeating: "a9", count: 32),
    ] {
      let hash = Array(text.utf8).withUnsafeBufferPointer { Hash256($0, pool: &pool) }
      var bytes: [UInt8] = []
      hash.append(to: &bytes, pool: pool)
      #expect(String(decoding: bytes, as: UTF8.self) == text)
      #expect(hash.isPresent == !text.isEmpty)
    }
  }
}

extension SeenOrder: Comparable {
  /// Some order, to compare lists that are sorted differently.
  static func < (left: SeenOrder, right: SeenOrder) -> Bool {
    func key(_ order: SeenOrder) -> (Int64, String, Int64, Int64) {
      (order.time, "\(order.texts) \(order.isBuy)", order.shares, order.price)
    }
    return key(left) < key(right)
  }
}
