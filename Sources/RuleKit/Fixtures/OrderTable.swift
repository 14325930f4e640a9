import COrderFlow
public import Documents
import OrderFlow

/// A flow written as a table: one line an order, with what is due on it.
///
///     +0s    alice BUY 10000 @0.55 btc.Yes
///     +20s   alice BUY 10000 @0.56 btc.Yes   x3 every 10s
///     +121s  alice BUY  5000 @0.60 btc.Yes   #> high
///     +10m   tick
public struct OrderTable {
  private let names: TestNames
  /// Event time that `+0s` means, ms.
  private let start: Int64
  private let path: String
  private var line = 0
  /// Orders so far, which number their hashes.
  private var orders = 0
  private var events: [TestEvent] = []

  /// More is no table that a person wrote.
  private static let mostEvents = 1_000_000

  private init(_ names: TestNames, start: Int64, path: String) {
    self.names = names
    self.start = start
    self.path = path
  }

  /// The events of a table whose first line is line `line` of the document `path`.
  public static func read(
    _ text: String, names: TestNames, start: Int64, path: String, line: Int
  ) throws(PlacedProblem) -> [TestEvent] {
    var table = OrderTable(names, start: start, path: path)
    for (place, row) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated()
    {
      table.line = line + place
      try table.read(row)
      if table.events.count > mostEvents { throw table.problem("a table has at most \(mostEvents) orders") }
    }
    return table.events
  }

  private func problem(_ message: String) -> PlacedProblem { PlacedProblem("\(path):\(line)", message) }

  // MARK: A line

  private mutating func read(_ row: Substring) throws(PlacedProblem) {
    let (body, note) = OrderTable.split(row)
    var words = body.split(whereSeparator: \.isWhitespace)[...]
    guard let when = words.popFirst() else {
      if try !marks(note).isEmpty { throw problem("a mark without an order") }
      return
    }
    let marks = try marks(note)
    let time = try self.time(when)
    let text = body.trimmed
    switch words.first {
    case "tick": try add(TestEvent(.tick(time), marks: marks, line: line, text: text), words.dropFirst())
    case "gap": try addGap(time, words.dropFirst(), marks, text)
    default: try addOrders(time, words, marks, text)
    }
  }

  private mutating func add(_ event: TestEvent, _ rest: ArraySlice<Substring>) throws(PlacedProblem) {
    if let extra = rest.first { throw problem("'\(extra)' is one word too many") }
    for mark in event.marks where mark == .late || mark == .folded && event.order == nil {
      if event.order == nil, mark == .late { throw problem("only an order can be late") }
    }
    events.append(event)
  }

  /// What is in front of the first `#`, and what begins with it.
  private static func split(_ row: Substring) -> (body: Substring, note: Substring) {
    guard let place = row.firstIndex(of: "#") else { return (row, "") }
    return (row[..<place], row[place...])
  }

  private func marks(_ note: Substring) throws(PlacedProblem) -> [TestMark] {
    var marks: [TestMark] = []
    var rest = note
    while !rest.isEmpty {
      // The text up to the next mark belongs to this one; the first word counts, what follows is a remark.
      let next = rest.dropFirst().firstIndex(of: "#") ?? rest.endIndex
      if let mark = try mark(rest[..<next].trimmed) { marks.append(mark) }
      rest = rest[next...]
    }
    return marks
  }

  /// nil for a remark.
  private func mark(_ text: String) throws(PlacedProblem) -> TestMark? {
    let kinds = ["#>", "#=", "#~", "#todo>"]
    guard let kind = kinds.first(where: { text.hasPrefix($0) }) else { return nil }
    let word = text.dropFirst(kind.count).split(whereSeparator: \.isWhitespace).first.map(String.init) ?? ""
    switch kind {
    case "#=":
      if word == "folded" { return .folded }
      throw problem("'\(kind) \(word)': write #= folded")
    case "#~":
      if word == "late" { return .late }
      throw problem("'\(kind) \(word)': write #~ late")
    default:
      guard let severity = Severity(name: word) else {
        let known = NearestName.hintOrList(word, of: Severity.allCases.map(\.name))
        throw problem("'\(kind) \(word)' names no severity\(known)")
      }
      return kind == "#>" ? .signal(severity) : .missed(severity)
    }
  }

  // MARK: Times

  private func time(_ word: Substring) throws(PlacedProblem) -> Int64 {
    if word.first == "+", let span = OrderTable.milliseconds(word.dropFirst()) { return start + span }
    if let time = EventTime.parse(String(word)), word.contains("-") { return time }
    throw problem("'\(word)' is no time: write +20s, +1m30s or 2026-03-01T12:00:00Z")
  }

  /// The span that a text such as `1m30s` means, ms, up to ten years; nil for others.
  public static func milliseconds(_ text: some StringProtocol) -> Int64? {
    let units: [String: Int64] = ["ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
    let most: Int64 = 3660 * 86_400_000
    var rest = Substring(text)
    var total: Int64 = 0
    if rest.isEmpty { return nil }
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      let unit = rest.dropFirst(digits.count).prefix { $0.isASCII && $0.isLetter }
      guard let number = Int64(digits), let scale = units[String(unit)], number <= most / scale else {
        return nil
      }
      total += number * scale
      if total > most { return nil }
      rest = rest.dropFirst(digits.count + unit.count)
    }
    return total
  }

  /// A span as a table has it: `0s`, `90s`, `1500ms`.
  public static func span(_ milliseconds: Int64) -> String {
    milliseconds % 1000 == 0 ? "\(milliseconds / 1000)s" : "\(milliseconds)ms"
  }

  private func span(_ word: Substring?, _ example: String) throws(PlacedProblem) -> Int64 {
    guard let word, let span = OrderTable.milliseconds(word) else {
      throw problem("'\(word ?? "")' is no span of time: write \(example)")
    }
    return span
  }

  private mutating func addGap(
    _ time: Int64, _ words: ArraySlice<Substring>, _ marks: [TestMark], _ text: String
  ) throws(PlacedProblem) {
    let span = try span(words.first, "gap 30s")
    let isFilled = words.dropFirst().first == "filled"
    let event = TestEvent(
      .gap(from: time, to: time + span, isFilled: isFilled), marks: marks, line: line, text: text)
    try add(event, words.dropFirst(isFilled ? 2 : 1))
  }

  // MARK: Orders

  private mutating func addOrders(
    _ time: Int64, _ words: ArraySlice<Substring>, _ marks: [TestMark], _ text: String
  ) throws(PlacedProblem) {
    guard words.count >= 5 else {
      throw problem(
        "an order is TIME WALLET BUY|SELL SHARES @PRICE MARKET.OUTCOME, such as \(OrderTable.example)")
    }
    var words = words
    let wallet = try wallet(words.removeFirst())
    let side = words.removeFirst()
    guard side == "BUY" || side == "SELL" else { throw problem("'\(side)' is no side: write BUY or SELL") }
    let size = words.removeFirst()
    let price = try price(words.removeFirst())
    var order = TestOrder(time: time, price: price, shares: try shares(size, at: price))
    order.isSale = side == "SELL"
    order[.user] = wallet
    try setOutcome(words.removeFirst(), of: &order)
    if order.usd == nil { throw problem("\(size) shares at that price are worth more than can be counted") }
    var (count, every): (Int, Int64) = (1, 0)
    while let word = words.popFirst() {
      if word.first == "x", let number = Int(word.dropFirst()), number > 0, number <= 100_000 {
        count = number
      } else if word == "every" {
        every = try span(words.popFirst(), "every 10s")
      } else {
        try set(word, of: &order)
      }
    }
    for _ in 0..<count {
      orders += 1
      var numbered = order
      if numbered[.txHash] == nil { numbered[.txHash] = OrderTable.hash(orders) }
      if numbered[.orderHash] == nil { numbered[.orderHash] = OrderTable.hash(orders) }
      try add(TestEvent(.order(numbered), marks: marks, line: line, text: text), [])
      order.time += every
    }
  }

  private static let example = "+0s alice BUY 10000 @0.55 btc.Yes"

  /// A hash that no other order of the table has.
  private static func hash(_ number: Int) -> String {
    let digits = String(number, radix: 16)
    return "0x" + String(repeating: "0", count: max(0, 64 - digits.count)) + digits
  }

  private func wallet(_ word: Substring) throws(PlacedProblem) -> String {
    if let address = names.wallets[String(word)] { return address }
    if word.hasPrefix("0x"), word.dropFirst(2).allSatisfy(\.isHexDigit) { return word.lowercased() }
    throw problem(
      "there is no wallet '\(word)'\(NearestName.hintOrList(String(word), of: names.wallets.keys.sorted()))")
  }

  private func price(_ word: Substring) throws(PlacedProblem) -> Int64 {
    if word.first == "@", let price = OrderTable.micros(word.dropFirst()), price > 0, price <= 1_000_000 {
      return price
    }
    throw problem("'\(word)' is no price: write @ and dollars a share, above 0 and at most 1, such as @0.55")
  }

  private func shares(_ word: Substring, at price: Int64) throws(PlacedProblem) -> Int64 {
    let isMoney = word.first == "$"
    guard let amount = OrderTable.micros(isMoney ? word.dropFirst() : word), amount > 0 else {
      throw problem("'\(word)' is no size: write shares, such as 10000 or 0.5, or dollars, such as $5500")
    }
    if !isMoney { return amount }
    let (product, isOverflow) = amount.multipliedReportingOverflow(by: 1_000_000)
    if isOverflow || product % price != 0 {
      throw problem("\(word) at that price is no whole number of millionths of a share: write the shares")
    }
    return product / price
  }

  /// A decimal number of at most six places, in millionths.
  static func micros(_ text: Substring) -> Int64? {
    guard text.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }) else { return nil }
    let places = text.firstIndex(of: ".").map { text[$0...].count - 1 } ?? 0
    return places > 6 ? nil : (try? Micros(decimal: text))?.raw
  }

  private func setOutcome(_ word: Substring, of order: inout TestOrder) throws(PlacedProblem) {
    let parts = word.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let market = names.markets[parts[0]] else {
      throw problem(
        "there is no market '\(parts[0])'\(NearestName.hintOrList(parts[0], of: names.markets.keys.sorted()))"
      )
    }
    let labels = market.outcomes.map(\.label)
    guard parts.count == 2,
      let outcome = market.outcomes.first(where: { TestNames.word($0.label) == parts[1] })
    else {
      let known = NearestName.hintOrList(parts.count == 2 ? parts[1] : "", of: labels.map(TestNames.word))
      throw problem("market '\(parts[0])' has no outcome '\(parts.count == 2 ? parts[1] : "")'\(known)")
    }
    order[.marketSlug] = market.slug
    order[.title] = market.title
    order[.conditionID] = market.condition
    order[.tokenID] = outcome.token
    order[.tokenLabel] = outcome.label
  }

  private func set(_ word: Substring, of order: inout TestOrder) throws(PlacedProblem) {
    let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
    let known = ["role", "taker", "tx", "hash", "venue", "log"]
    guard parts.count == 2 else {
      throw problem(
        "'\(word)' is not understood: behind the market come x3, every 10s, \(known.joined(separator: "=…, "))=…"
      )
    }
    switch (parts[0], parts[1]) {
    case ("role", "taker"): order.role = UInt8(BB_ROLE_TAKER)
    case ("role", "maker"): order.role = UInt8(BB_ROLE_MAKER)
    case ("role", let other): throw problem("role=\(other): write taker or maker")
    case ("venue", "polymarket"): order.venue = UInt8(BB_VENUE_POLYMARKET)
    case ("venue", "kalshi"): order.venue = UInt8(BB_VENUE_KALSHI)
    case ("venue", let other): throw problem("venue=\(other): write polymarket or kalshi")
    case ("taker", let name): order[.taker] = try wallet(Substring(name))
    case ("tx", let hash): order[.txHash] = hash
    case ("hash", let hash): order[.orderHash] = hash
    case ("log", let number):
      guard let index = Int64(number), index >= 0, index < 1 << 31 else {
        throw problem("log=\(number) is no whole number")
      }
      order.logIndex = index
    default: throw problem("unknown \(parts[0])=\(NearestName.hintOrList(parts[0], of: known))")
    }
  }
}
