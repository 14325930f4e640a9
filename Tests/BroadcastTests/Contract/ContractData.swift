import COrderFlow
import Journal
import OrderFlow

@testable import Broadcast

/// A journal with something of everything, for requests to find.
enum ContractData {
  static let signal = Digest128(high: 7, low: 1).hex

  static func fill(_ engine: FakeEngine) throws {
    try orders(engine)
    try engine.emit(40) { signal, place in
      signal.severity = Severity.allCases[place % 5]
      signal.hasOrder = place % 2 == 0
      if place % 3 == 0 { signal.rule = "cluster" }
      guard place % 4 == 0 else { return }
      signal.key = "k\u{0}\"\\\u{2028}é"
      signal.token = "80311845198420617303393545005967792170450763818026370381995461841892638500659"
      signal.side = "BUY"
      signal.confidence = [0, 1, 0.30000000000000004, 1e-9][place / 4 % 4]
      signal.action = "buy"
      signal.data = [#"{"a":[1,null,{"b":"é"}],"n":-0.5}"#, "[]", "true", #""text""#][place / 4 % 4]
      signal.foldCount = 3
      signal.evidence = [1, 2, 3, 99, .max]
      signal.late = true
      signal.warming = true
      signal.dataGap = true
    }
    try engine.emit(1) { signal, _ in
      signal.market = nil
      signal.user = nil
      signal.title = ""
    }
    try engine.write { journal in
      try journal.append(
        deadLetter: DeadLetter(
          source: "live", line: .max, offset: 0, reason: "no brace", text: [0x7B, 0xFF, 0x00, 0xC3]))
      for name in ["whale_order", "cluster"] {
        try journal.append(
          failure: RuleFailure(
            rule: name, version: "v1", seq: 3, kind: "error", hook: "on_order", message: "nil value\n",
            trace: "rule.lua:3", order: "o"))
      }
      try journal.append(
        reload: ReloadRecord(
          version: "v1", previous: nil, seq: 0, createdMilliseconds: 1, outcome: "started"))
      try journal.append(
        reload: ReloadRecord(
          version: "", previous: "v1", seq: 4, createdMilliseconds: 2, outcome: "rejected", reason: "no file")
      )
    }
  }

  /// Orders with all fields, and with none that may be missing.
  private static func orders(_ engine: FakeEngine) throws {
    for number in 1...6 as ClosedRange<Int64> {
      var order = Order.empty
      (order.seq, order.time) = (number, 1_700_000_000_000 + number)
      (order.price, order.shares, order.usd) = (
        number == 1 ? 560_000 : 1, number * 1_000_000, Int64.max / number
      )
      let fields: [TextField] = [
        .user, .tokenID, .tokenLabel, .marketSlug, .conditionID, .title, .txHash, .orderHash,
      ]
      try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 8) { bytes in
        for place in 0..<8 { bytes[place] = UInt8(ascii: "a") + UInt8(place) }
        if number % 2 == 1 {
          for field in fields { order[field] = bb_text(bytes: bytes.baseAddress, count: 8, symbol: 0) }
        }
        try engine.write { journal in
          _ = try withUnsafePointer(to: &order) {
            try journal.append(order: $0, identity: Digest128(high: 1, low: UInt64(number)))
          }
        }
      }
    }
  }

  /// A webhook of each format, with deliveries that wait and some that were given up.
  static func webhooks(_ engine: FakeEngine) throws {
    try engine.write { journal in
      for format in WebhookFormat.allCases {
        var webhook = WebhookRecord(
          name: "to.\(format.rawValue)", url: "https://user:word@example.org:8443/secret/path?key=secret",
          format: format, secret: WebhookSecret.make(), createdMilliseconds: 5)
        if format == .slack { webhook.filter.rule = "nobody" }
        try journal.add(webhook: webhook)
      }
    }
    try engine.emit(4)
    try engine.write { journal in
      try journal.apply([
        WebhookResult(delivery: 1, outcome: .dead(at: 9), status: 500, reason: "the receiver said 500"),
        WebhookResult(delivery: 2, outcome: .retry(at: 99), status: nil, reason: "no answer"),
      ])
    }
  }
}
