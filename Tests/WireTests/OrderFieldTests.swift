import OrderFlow
import Testing
import Wire

/// A change to a good order, and what must come of it.
struct FieldCase: Sendable, CustomTestStringConvertible {
  var old: String
  var new: String
  /// Nil when the order stays valid.
  var reason: String?

  init(_ old: String, _ new: String, _ reason: String?) {
    self.old = old
    self.new = new
    self.reason = reason
  }

  var testDescription: String { "\(old.prefix(20)) as \(new.prefix(30))" }

  static let size = #""shares":33586208,"shares_normalized":33.586208"#
  static let token =
    #""token_id":"56183512065891866191312633339981009983766257679030859140907012586838457135609""#
  static let price = "price must be from 0 to 1 dollar a share"
  static let time = "timestamp must be whole seconds from 0 to 9999999999"
  static let shares = "shares must be a whole number of micro-shares of at least 1"

  static let rejected = [
    FieldCase(token + ",", "", "token_id is missing"),
    FieldCase(token, #""token_id":12345"#, "token_id must be a string, not a number"),
    FieldCase(token, #""token_id":"""#, #"token_id is missing: "" means absent"#),
    FieldCase(token, #""token_id":null"#, "token_id is missing"),
    FieldCase(token, #""asset":true"#, "asset must be a string, not true or false"),
    FieldCase(
      token, "\"token_id\":\"\(String(repeating: "1", count: 257))\"", "token_id is longer than 256 bytes"),
    FieldCase(#""side":"BUY","#, "", "side is missing"),
    FieldCase(#""side":"BUY""#, #""side":"buy""#, "side must be BUY or SELL"),
    FieldCase(#""side":"BUY""#, #""side":"BUYS""#, "side must be BUY or SELL"),
    FieldCase(#""side":"BUY""#, #""side":1"#, "side must be a string, not a number"),
    FieldCase(#""price":0.46,"#, "", "price is missing"),
    FieldCase("0.46", "1.000001", price), FieldCase("0.46", "-0.01", price),
    FieldCase("0.46", "1e300", price),
    FieldCase("0.46", #""x""#, "price is not a decimal number"),
    FieldCase("0.46", #""0.4 ""#, "price is not a decimal number"),
    FieldCase("0.46", "[0.46]", "price must be a number or a string, not an array"),
    FieldCase("0.46", "false", "price must be a number or a string, not true or false"),
    FieldCase(size + ",", "", "shares is missing"),
    FieldCase("33586208,", "0,", shares), FieldCase("33586208,", "-5,", shares),
    FieldCase("33586208,", "1.5,", shares),
    FieldCase("33586208,", "9223372036854775808,", shares), FieldCase("33586208,", "1e19,", shares),
    FieldCase("33586208,", "{},", "shares must be a number or a string, not an object"),
    FieldCase("33.586208", "true", "shares_normalized must be a number or a string, not true or false"),
    FieldCase(size, #""size":0"#, "size must be more than 0 shares"),
    FieldCase(size, #""size":0.0000005"#, "size must be more than 0 shares"),
    FieldCase(size, #""size":9223372036855"#, "size does not fit 64 bits of micro-shares"),
    FieldCase(size, #""size":"ten""#, "size is not a decimal number"),
    FieldCase(#""timestamp":1760000000,"#, "", "timestamp is missing"),
    FieldCase("1760000000", "1760000000.5", time), FieldCase("1760000000", "-1", time),
    FieldCase("1760000000", "10000000000", time), FieldCase("1760000000", "1e99", time),
    FieldCase("1760000000", "1760000000.00000000000000000000001", time),
    FieldCase("1760000000", #""1.76e9""#, "timestamp must be a number or a string of digits"),
    FieldCase("1760000000", "[]", "timestamp must be a number or a string, not an array"),
    FieldCase(#""user":"0x73a71818ac09044e594ce9bc300fa9b6acb3b833","#, "", "user is missing"),
    FieldCase(
      #""user":"0x73a7"#, "\"user\":\"\(String(repeating: "u", count: 128))",
      "user is longer than 128 bytes"),
    FieldCase(#""tx_hash":"0x9a7f3ebd9e2c8d557a7b1e668659","#, "", "tx_hash is missing"),
    FieldCase(
      #""tx_hash":"0x9a7f3ebd9e2c8d557a7b1e668659""#, #""tx_hash":7"#,
      "tx_hash must be a string, not a number"),
    FieldCase(
      #""taker":"0xa7523df97748c2b40cf4fc6407a83b67851184e1""#, #""taker":1"#,
      "taker must be a string, not a number"),
    FieldCase(
      #""market_slug":"nba"#, "\"market_slug\":\"\(String(repeating: "m", count: 4096))",
      "market_slug is longer than 4096 bytes"),
    FieldCase(#""side""#, #""block_number":-1,"side""#, "block_number must be a whole number of at least 0"),
    FieldCase(
      #""side""#, #""log_index":true,"side""#, "log_index must be a number or a string, not true or false"),
  ]

  static let accepted = [
    FieldCase("0.46", "0", nil), FieldCase("0.46", "1.0000004", nil), FieldCase("0.46", "-0.0", nil),
    FieldCase("0.46", "4.6e-1", nil), FieldCase("0.46", #"".46""#, nil),
    FieldCase("0.46", "0.45999999999999996", nil),
    FieldCase("33586208,", "9223372036854775807,", nil), FieldCase("33586208,", "1e0,", nil),
    FieldCase("33586208,", "33586208.000,", nil), FieldCase("33586208,", #""33586208","#, nil),
    FieldCase("33586208,", "null,", nil), FieldCase("33586208,", #""","#, nil),
    FieldCase(size, #""size":"0.0000006""#, nil), FieldCase(size, #""size":1E3"#, nil),
    FieldCase("1760000000", "1.76e9", nil), FieldCase("1760000000", "1760000000.0", nil),
    FieldCase("1760000000", #""1760000000""#, nil), FieldCase("1760000000", "0", nil),
    FieldCase("1760000000", "9999999999", nil), FieldCase("1760000000", "-0", nil),
    FieldCase(#""side":"BUY""#, #""side":"\u0042UY""#, nil), FieldCase(#""side":"#, #""s\u0069de":"#, nil),
    FieldCase(#""side":"#, #""side":5,"side":"#, nil),
    FieldCase(#""taker":"0xa7"#, #""taker":"\u00c4\ud83d\ude00"#, nil),
    FieldCase(#""taker":"0xa7523df97748c2b40cf4fc6407a83b67851184e1""#, #""taker":null"#, nil),
    FieldCase(
      #""market_slug":"nba-market-0121-5cf11f""#,
      "\"market_slug\":\"\(String(repeating: "m", count: 4096))\"", nil),
    FieldCase(#""side""#, #""block_number":"12","log_index":3e0,"side""#, nil),
    FieldCase(#""side""#, #""unknown":{"deep":[[["\u00e9",-0.0e+1]]]},"side""#, nil),
  ]
}

@Suite struct OrderFieldTests {
  @Test("a field that is missing, of the wrong type or out of range is named", arguments: FieldCase.rejected)
  func rejected(example: FieldCase) {
    let message = Samples.bench.with(example.old, example.new)
    // Alone, after a message whose layout it shares, and inside an envelope.
    #expect(reasons(message) == [example.reason ?? ""])
    #expect(reasons(Samples.bench + "\n" + message + "\n" + Samples.bench) == [example.reason ?? ""])
    #expect(reasons("{\"data\":\(message),\"type\":\"event\"}") == [example.reason ?? ""])
  }

  @Test(
    "every spelling of a valid field is taken, the same with and without speculation",
    arguments: FieldCase.accepted)
  func accepted(example: FieldCase) {
    let message = Samples.bench.with(example.old, example.new)
    // The second copy is read by the layout of the first.
    let lines = Array((Samples.bench + "\n" + message + "\n" + message + "\n" + Samples.bench + "\n").utf8)
    let result = scan(lines)
    #expect(result.orders.count == 4)
    #expect(result == ReferenceScanner.scan(lines))
    #expect(result == scan(lines, speculates: false))
  }

  @Test("a size that does not count is still held to its type and length when the layout is known")
  func losingSize() {
    let long = String(repeating: "9", count: 4097)
    let good = Samples.bench.with("33.586208", "\"33.586208\"")
    let bad = Samples.bench.with("33.586208", "\"\(long)\"")
    #expect(reasons(good + "\n" + good + "\n" + bad) == ["shares_normalized is longer than 4096 bytes"])
  }

  @Test("envelopes without an order in them say so")
  func envelopes() {
    #expect(reasons(#"{"type":"event"}"#) == ["data is missing"])
    #expect(reasons(#"{"type":"event","data":[1]}"#) == ["data must be an object, not an array"])
    #expect(reasons(#"{"topic":"activity","type":"trades","payload":null}"#) == ["payload is missing"])
    #expect(reasons("17") == ["a message must be an object or an array, not a number"])
    #expect(reasons("\"x\"\n") == ["a message must be an object or an array, not a string"])
  }
}
