import OrderFlow
import Wire

/// Scans a whole input that comes in blocks ending at the given places.
func scan(
  _ bytes: [UInt8], cuts: [Int] = [], speculates: Bool = true, maximum: Int = 16 << 20, capacity: Int = 512,
  letters: ((DeadLetter) -> Void)? = nil
) -> ScanResult {
  var options = ScannerOptions(source: "test")
  options.speculates = speculates
  options.maximumMessageBytes = maximum
  var scanner = OrderScanner(options)
  var batch = OrderBatch(capacity: capacity)
  var result = ScanResult()
  func drain(_ scanner: inout OrderScanner, _ batch: inout OrderBatch) {
    var state = ScanState.more
    while state == .more {
      state = scanner.next(into: &batch)
      result.orders += batch.orders.map(OrderCopy.init)
      for letter in batch.deadLetters {
        result.rejected.append(ScanResult.Rejection(line: letter.line, offset: letter.offset))
        letters?(letter)
      }
    }
  }
  var start = 0
  for end in cuts + [bytes.count] {
    bytes[start..<end].withUnsafeBytes { scanner.append($0) }
    drain(&scanner, &batch)
    start = end
  }
  scanner.finish()
  drain(&scanner, &batch)
  result.skipped = Int(scanner.counters.skipped)
  return result
}

/// The reasons of all dead letters of a text.
func reasons(_ text: String) -> [String] {
  var reasons: [String] = []
  _ = scan(Array(text.utf8)) { reasons.append($0.reason) }
  return reasons
}

/// Messages of every shape, each with one order; `Samples.dome` is also valid as the row of a page.
enum Samples {
  static let dome = #"""
    {"token_id":"56183512065891866191312633339981009983766257679030859140907012586838457135609",\#
    "token_label":"No",\#
    "side":"SELL","market_slug":"nba-market-0121-5cf11f",\#
    "condition_id":"0xD109d1f125dc1137da10e78cd1b63167",\#
    "shares":33586208,"shares_normalized":33.586208,"price":0.46,\#
    "tx_hash":"0x9a7f3ebd9e2c8d557a7b1e66865922dd",\#
    "title":"Will it rain \u2013 or \"snow\"? Zürich","timestamp":1760000000,\#
    "order_hash":"0xd2799a25b5fe16c1461a",\#
    "user":"0x73A71818ac09044e594ce9bc300fa9b6acb3b833",\#
    "taker":"0x4bFb41d5B3570DeFd03C39a9A4D8dE6Bd8B8982E",\#
    "block_number":78000001,"log_index":0}
    """#

  static let bench = #"""
    {"token_id":"56183512065891866191312633339981009983766257679030859140907012586838457135609",\#
    "side":"BUY",\#
    "market_slug":"nba-market-0121-5cf11f",\#
    "condition_id":"0xd109d1f125dc1137da10e78cd1b63167a0fd076d65d7aab0",\#
    "shares":33586208,"shares_normalized":33.586208,"price":0.46,"tx_hash":"0x9a7f3ebd9e2c8d557a7b1e668659",\#
    "order_hash":"0xd2799a25b5fe16c1461aeea8843e7994","timestamp":1760000000,\#
    "user":"0x73a71818ac09044e594ce9bc300fa9b6acb3b833","taker":"0xa7523df97748c2b40cf4fc6407a83b67851184e1"}
    """#

  static let event = #"{"type":"event","subscription_id":"sub_1","data":"# + dome + "}"

  static let payload = #"""
    {"asset":"58694369128674932230350152832850260863578525167974431267420151179248334455441","bio":"",\#
    "conditionId":"0x59fc4c4c57b9a86aa1859ef3ba9e457a",\#
    "eventSlug":"eth-updown-15m-1767555900","fee":0.20292,\#
    "icon":"https:\/\/x.io\/a.png","name":"Jimmy \ud83d\ude00","outcome":"Up","outcomeIndex":0,"price":0.8,\#
    "profileImage":"","proxyWallet":"0xf1eE4842FA0c7283632185E42577027452D4519c",\#
    "pseudonym":"Scary-Billboard",\#
    "side":"BUY","size":16.260001,"slug":"eth-updown-15m-1767555900","timestamp":1767556295,\#
    "title":"Ethereum Up or Down - January 4, 2:45PM-3:00PM ET",\#
    "transactionHash":"0x061a41a8cb947159083c3baf4c94"}
    """#

  static let frame =
    #"{"connection_id":"c","topic":"activity","type":"trades","timestamp":1767556295800,"payload":"# + payload
    + "}"

  static let row = #"""
    {"proxy_wallet":"0x6031b6eed1c97e853c6e0f03ad3ce3529351f96d","side":"SELL","token_id":"7160532034607",\#
    "condition_id":"0x016e73b0e1f24320445b6455ad4d0870","size":"10000","price":".48","timestamp":1767556295,\#
    "title":"Ethereum","slug":"ethereum-up","icon":null,"event_slug":"x",\#
    "outcome":"Down","outcome_index":999,\#
    "name":null,"verified":true,"extra":{"a":[1,2.5e-3,{}]},"transaction_hash":"0x061a41a8cb947159083c"}
    """#

  static let all = [dome, bench, event, frame, row]
}

extension String {
  /// The text with one part replaced; a test that names a part that is not there would prove nothing.
  func with(_ old: String, _ new: String) -> String {
    guard let range = firstRange(of: old) else { return "no \(old) in the sample" }
    return replacingCharacters(in: range, with: new)
  }

  private func replacingCharacters(in range: Range<Index>, with new: String) -> String {
    self[..<range.lowerBound] + new + self[range.upperBound...]
  }
}
