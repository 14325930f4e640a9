import COrderFlow
public import Documents
import OrderFlow

/// A rule, with its test, drafted from orders that it shall find.
///
/// What they have in common becomes the key of a window and its conditions; how many, how large and how fast they
/// are become the limits, rounded so that the orders pass. The last of them, by time, is where it fires.
public struct RuleDraft: Sendable {
  /// The rule's id.
  public let rule: String
  /// The orders by their times.
  let orders: [TestOrder]
  /// What they share and amount to.
  let traits: ExemplarTraits

  /// Drafts from orders; what stands against it is said in words to follow the recording's name.
  public init(_ rule: String, from orders: [TestOrder]) throws(PlacedProblem) {
    self.rule = rule
    self.orders = orders.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
      .map(\.element)
    if let problem = self.orders.lazy.compactMap(RuleDraft.problem).first { throw PlacedProblem("", problem) }
    guard let traits = ExemplarTraits(self.orders) else {
      throw PlacedProblem("", "these orders are worth nothing, or more than can be counted")
    }
    if orders.count > RuleDraft.mostOrders {
      throw PlacedProblem(
        "", "\(orders.count) orders are too many to draft from: name \(RuleDraft.mostOrders) at most")
    }
    if traits.span > 3000 * 86_400_000 {
      throw PlacedProblem("", "these orders are years apart, and a window reaches back ten at most")
    }
    self.traits = traits
  }

  /// What keeps an order out of an order table.
  private static func problem(_ order: TestOrder) -> String? {
    let user = order[.user] ?? ""
    if !user.hasPrefix("0x") || user.utf8.count < 3 || !user.dropFirst(2).allSatisfy(\.isHexDigit) {
      return "the wallet '\(user)' is no address, so a test cannot have it"
    }
    if order.price < 1 || order.price > 1_000_000 {
      return
        "the price \(Micros(raw: order.price).text) is not above 0 and at most 1, so a test cannot have it"
    }
    return order.shares < 1 ? "an order of no shares cannot be in a test" : nil
  }

  /// More would make a test that nobody reads.
  private static let mostOrders = 200

  /// The files by their names in the rules folder.
  public var files: [(name: String, text: String)] {
    [("\(rule).lua", source), ("\(rule).test.yaml", test)]
  }
}
