import Feeds
import OrderFlow
public import RuleKit
import Wire

/// Picks orders out of a recording by their lines or their transactions.
public enum Exemplars {
  /// Which orders of a recording are meant.
  public struct Choice: Equatable, Sendable {
    /// Lines of the recording, from 1.
    public private(set) var lines: [ClosedRange<UInt64>] = []
    /// Hashes of transactions, lower case.
    public private(set) var transactions: Set<String> = []

    /// Reads `12,15-18,0xab…`; nil when a part is none of these.
    public init?(_ text: String) {
      for part in text.split(separator: ",", omittingEmptySubsequences: false) {
        if part.hasPrefix("0x"), part.count > 2, part.dropFirst(2).allSatisfy(\.isHexDigit) {
          transactions.insert(part.lowercased())
          continue
        }
        let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { UInt64($0) }
        guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first > 0,
          first <= last
        else { return nil }
        lines.append(first...last)
      }
    }

    func takes(_ order: UnsafePointer<Order>) -> Bool {
      if lines.contains(where: { $0.contains(UInt64(clamping: order.pointee.line)) }) { return true }
      return !transactions.isEmpty && transactions.contains(order.pointee[.txHash].string.lowercased())
    }

    /// The first part that chose nothing, in words; nil when each chose something.
    func missing(in orders: [TestOrder], lines found: Set<UInt64>) -> String? {
      for range in lines where !found.contains(where: { range.contains($0) }) {
        // The count of a range may be more than an Int holds.
        return range.lowerBound == range.upperBound
          ? "no order in line \(range.lowerBound)"
          : "no order in lines \(range.lowerBound) to \(range.upperBound)"
      }
      let known = Set(orders.compactMap { $0[.txHash]?.lowercased() })
      return transactions.sorted().first { !known.contains($0) }.map { "no order of transaction \($0)" }
    }
  }

  /// Why orders cannot be picked, in words that name the file.
  public struct Failure: Error, CustomStringConvertible {
    /// One sentence.
    public var description: String
  }

  /// The chosen orders of a file, in its order; throws when a part of the choice is not there.
  public static func pick(_ choice: Choice, from path: String) throws -> [TestOrder] {
    var feed = try FileFeed(path: path)
    var batch = OrderBatch()
    var orders: [TestOrder] = []
    var lines: Set<UInt64> = []
    var goesOn = true
    while goesOn {
      goesOn = try feed.next(into: &batch)
      guard let first = batch.orders.baseAddress else { continue }
      for place in 0..<batch.count where choice.takes(first + place) {
        orders.append(TestOrder(first + place))
        lines.insert(UInt64(clamping: (first + place).pointee.line))
        if orders.count > mostOrders {
          throw Failure(description: "--orders means more than \(mostOrders) orders of \(path): name fewer")
        }
      }
    }
    if let missing = choice.missing(in: orders, lines: lines) {
      throw Failure(description: "\(path) has \(missing)")
    }
    return orders
  }

  /// More is no choice that a person made.
  private static let mostOrders = 1000
}
