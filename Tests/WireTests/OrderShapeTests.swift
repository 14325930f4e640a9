import COrderFlow
import OrderFlow
import Testing
import Wire

@Suite struct OrderShapeTests {
  @Test("each format gives one order and leaves nothing over", arguments: Samples.all)
  func formats(sample: String) {
    let result = scan(Array(sample.utf8))
    #expect(result == ReferenceScanner.scan(Array(sample.utf8)))
    #expect(result.orders.count == 1 && result.rejected.isEmpty && result.skipped == 0)
  }

  @Test("a Dome order arrives with every field decoded, small letters and exact money")
  func domeFields() throws {
    let order = try #require(scan(Array(Samples.event.utf8)).orders.first)
    func text(_ field: TextField) -> String { String(decoding: order.texts[field.rawValue], as: UTF8.self) }
    #expect(text(.tokenID).hasSuffix("586838457135609"))
    #expect(text(.title) == "Will it rain – or \"snow\"? Zürich")
    #expect(text(.user) == "0x73a71818ac09044e594ce9bc300fa9b6acb3b833")
    #expect(text(.conditionID) == "0xd109d1f125dc1137da10e78cd1b63167")
    #expect(text(.taker) == "0x4bfb41d5b3570defd03c39a9a4d8de6bd8b8982e")
    #expect(order.side == "SELL" && order.price == 460_000 && order.shares == 33_586_208)
    #expect(order.usd == 15_449_656 && order.usdFloor == 15_449_655)
    #expect(order.time == 1_760_000_000_000 && order.block == 78_000_001 && order.logIndex == 0)
    #expect(order.role == UInt8(BB_ROLE_TAKER))
  }

  @Test("an RTDS frame gives the same words under its own keys")
  func frameFields() throws {
    let order = try #require(scan(Array(Samples.frame.utf8)).orders.first)
    #expect(order.texts[TextField.user.rawValue] == Array("0xf1ee4842fa0c7283632185e42577027452d4519c".utf8))
    #expect(order.texts[TextField.tokenLabel.rawValue] == Array("Up".utf8))
    #expect(order.texts[TextField.marketSlug.rawValue] == Array("eth-updown-15m-1767555900".utf8))
    #expect(order.shares == 16_260_001 && order.usd == 13_008_001 && order.role == UInt8(BB_ROLE_UNKNOWN))
  }

  @Test(
    "a page, an array and an array in an array give all their orders, in batches of any size",
    arguments: [1, 2, 3, 512])
  func many(capacity: Int) {
    let rows = Array(repeating: Samples.dome, count: 3).joined(separator: ",")
    let texts = [
      "{\"orders\":[\(rows)],\"pagination\":{\"total\":3}}", "{\"pagination\":{},\"data\":[\(rows)]}",
      "[\(rows)]",
      "[[\(rows)]]", "[{\"orders\":[\(rows)]}]", "[[{\"data\":[\(rows)]}]]",
    ]
    for text in texts {
      let result = scan(Array(text.utf8), capacity: capacity)
      #expect(result == ReferenceScanner.scan(Array(text.utf8)))
      #expect(result.orders.count == 3 && result.rejected.isEmpty, "\(text.prefix(20))")
    }
  }

  @Test("the order of keys never matters", arguments: Samples.all.indices)
  func anyKeyOrder(sample: Int) throws {
    var random = SplitMix(state: UInt64(sample))
    var parser = ReferenceParser(Array(Samples.all[sample].utf8))
    let tree = try parser.value()
    let expected = try #require(scan(Array(Samples.all[sample].utf8)).orders.first)
    var lines: [UInt8] = []
    for _ in 0..<200 { lines += tree.shuffled(&random).written + [0x0A] }
    let result = scan(lines)
    #expect(result == ReferenceScanner.scan(lines))
    #expect(result.orders.count == 200)
    #expect(result.orders.allSatisfy { $0.texts == expected.texts && $0.usd == expected.usd })
  }

  @Test(
    "messages without orders are skipped and counted",
    arguments: [
      #"{"type":"ack","subscription_id":"sub_gq5c3resmrq"}"#, #"{"type":"error","message":"no","price":1}"#,
      #"{"topic":"comments","type":"comment_created","payload":{"price":1}}"#, "{}",
      #"{"topic":"activity","type":"unknown","payload":{}}"#, #"{"error":"bad","message":"worse"}"#,
      #"{"event_type":"last_trade_price","price":".5","size":"1","side":"BUY"}"#,
      #"{"market":"0x","asset_id":"1","bids":[],"asks":[],"timestamp":"1"}"#,
    ])
  func skipped(text: String) {
    let result = scan(Array(text.utf8))
    #expect(result.skipped == 1 && result.orders.isEmpty && result.rejected.isEmpty)
  }

  @Test("in a page and in an array each bad element is rejected at its own place, and the good ones count")
  func partlyBad() throws {
    let bad = Samples.dome.with("\"price\":0.46", "\"price\":1.46")
    for (open, close, extra) in [("[", "]", 3), ("{\"orders\":[", "]}", 4)] {
      let text =
        "\n" + open + "\n" + Samples.dome + ",\n " + bad + ",\n7,[[[1]]],\n" + Samples.dome + ",{}" + close
      var letters: [DeadLetter] = []
      let result = scan(Array(text.utf8)) { letters.append($0) }
      #expect(result == ReferenceScanner.scan(Array(text.utf8)))
      #expect(result.orders.map(\.line) == [3, 6] && letters.map(\.line).prefix(3) == [4, 5, 5])
      #expect(letters.count == extra)
      let first = try #require(letters.first)
      #expect(first.reason == "price must be from 0 to 1 dollar a share")
      #expect(first.text == Array(bad.utf8))
      #expect(Array(text.utf8)[Int(first.offset)...].starts(with: bad.utf8))
    }
  }

  @Test("a text that is not JSON as a whole yields no order, however good its beginning")
  func wholeOrNothing() {
    for text in ["[\(Samples.dome),\(Samples.dome),]", "{\"orders\":[\(Samples.dome)],}", "[\(Samples.dome)"]
    {
      let result = scan(Array(text.utf8))
      #expect(result.orders.isEmpty && result.rejected.count == 1)
    }
  }

  @Test("the role follows the configured exchange contracts, in any case of letters")
  func exchanges() throws {
    var options = ScannerOptions()
    options.exchanges = ["0xA7523DF97748C2B40CF4FC6407A83B67851184E1"]
    var scanner = OrderScanner(options)
    var batch = OrderBatch()
    Array((Samples.bench + "\n" + Samples.dome + "\n" + Samples.bench).utf8).withUnsafeBytes {
      scanner.append($0)
    }
    scanner.finish()
    #expect(scanner.next(into: &batch) == .end)
    #expect(batch.orders.map(\.role) == [UInt8(BB_ROLE_TAKER), UInt8(BB_ROLE_MAKER), UInt8(BB_ROLE_TAKER)])
  }
}

extension ReferenceJSON {
  /// The same value with the members of every object in another order.
  func shuffled(_ random: inout SplitMix) -> ReferenceJSON {
    switch self {
    case .object(let members, let at):
      var result: [(key: [UInt8], value: ReferenceJSON)] = []
      for member in members.shuffled(using: &random) {
        result.append((member.key, member.value.shuffled(&random)))
      }
      return .object(result, at: at)
    default: return self
    }
  }

  /// The value as JSON; the samples have no escapes but quotes.
  var written: [UInt8] {
    func quoted(_ text: [UInt8]) -> [UInt8] {
      [0x22] + text.flatMap { $0 == 0x22 || $0 == 0x5C ? [0x5C, $0] : [$0] } + [0x22]
    }
    switch self {
    case .object(let members, _):
      let parts = members.map { quoted($0.key) + [0x3A] + $0.value.written }
      return [0x7B] + parts.joined(separator: [0x2C]) + [0x7D]
    case .array(let elements, _): return [0x5B] + elements.map(\.written).joined(separator: [0x2C]) + [0x5D]
    case .string(let text, _): return quoted(text)
    case .number(let text): return text
    case .bool: return Array("true".utf8)
    case .null: return Array("null".utf8)
    }
  }
}
