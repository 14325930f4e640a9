import OrderFlow
import Wire

/// Names for the wallets and markets of recorded orders, for a test that people read.
struct DraftNames {
  /// The names.
  private(set) var names = TestNames()
  /// The names of wallets in the order in which they appear, and those of markets.
  private(set) var wallets: [String] = []
  private(set) var markets: [String] = []

  private static let people = [
    "alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy", "mallory", "niaj",
  ]

  init(_ orders: [TestOrder]) {
    for order in orders {
      if let user = order[.user] { name(wallet: user) }
      name(outcomeOf: order)
    }
  }

  /// Gives a wallet a name; returns it.
  @discardableResult
  mutating func name(wallet address: String) -> String {
    if let known = names.wallets.first(where: { $0.value == address })?.key { return known }
    let name =
      wallets.count < DraftNames.people.count ? DraftNames.people[wallets.count] : "w\(wallets.count + 1)"
    names.wallets[name] = address
    wallets.append(name)
    return name
  }

  private mutating func name(outcomeOf order: TestOrder) {
    guard let token = order[.tokenID], names.name(ofToken: token) == nil else { return }
    let slug = order[.marketSlug] ?? "market-of-\(token.prefix(12))"
    let name: String
    if let known = names.markets.first(where: { $0.value.slug == slug })?.key {
      name = known
    } else {
      name = market(for: slug)
      names.markets[name] = TestNames.Market(
        slug: slug, title: order[.title], condition: order[.conditionID], outcomes: [])
      markets.append(name)
    }
    let taken = Set((names.markets[name]?.outcomes ?? []).map { TestNames.word($0.label) })
    let plain = DraftNames.label(order[.tokenLabel] ?? "")
    var label = plain
    var number = 2
    while taken.contains(TestNames.word(label)) {
      label = "\(plain) \(number)"
      number += 1
    }
    names.markets[name]?.outcomes.append((label, token))
  }

  /// Gives a market another outcome, which no order has; returns an order's copy of it.
  mutating func otherOutcome(of order: TestOrder) -> TestOrder {
    var other = order
    guard let token = order[.tokenID] else { return other }
    other[.tokenID] = DraftNames.unlike(token)
    other[.tokenLabel] = "other"
    name(outcomeOf: other)
    return other
  }

  /// A text of the same kind that is another.
  static func unlike(_ text: String) -> String {
    let last: Character = text.last == "1" ? "2" : "1"
    return text.dropLast() + String(last)
  }

  /// The first word of a slug that no other market is called by.
  private func market(for slug: String) -> String {
    let word = String(slug.lowercased().prefix { $0.isASCII && ($0.isLetter || $0.isNumber) })
    // YAML takes some words for other things than text, and digits would look like a size.
    let isGood =
      word.count > 1 && word.first?.isLetter == true
      && !["null", "true", "false", "yes", "no", "on", "off"].contains(word)
    let plain = isGood ? word : "market"
    var name = plain
    var number = 2
    while names.markets[name] != nil {
      name = "\(plain)\(number)"
      number += 1
    }
    return name
  }

  /// A label as one word of a table can have it.
  private static func label(_ label: String) -> String {
    let text = String(label.map { $0.isLetter || $0.isNumber || "-_".contains($0) ? $0 : " " })
      .split(separator: " ").joined(separator: " ")
    return text.isEmpty || ["slug", "title", "condition"].contains(text) ? "Outcome" : text
  }

  /// The head of a test file: what stands under `wallets` and `markets`.
  var yaml: String {
    var text = "wallets:\n"
    for name in wallets { text += "  \(name): \(JSONText.quoted(names.wallets[name] ?? ""))\n" }
    text += "markets:\n"
    for name in markets {
      guard let market = names.markets[name] else { continue }
      text += "  \(name):\n    slug: \(JSONText.quoted(market.slug))\n"
      if let title = market.title { text += "    title: \(JSONText.quoted(title))\n" }
      if let condition = market.condition { text += "    condition: \(JSONText.quoted(condition))\n" }
      for outcome in market.outcomes {
        text += "    \(JSONText.quoted(outcome.label)): \(JSONText.quoted(outcome.token))\n"
      }
    }
    return text
  }
}
