/// A part of a listing, and where the next part begins.
public struct Page<Row: Sendable>: Sendable {
  /// The rows, in the order that was asked for.
  public var rows: [Row]
  /// What to hand in as `after` for the next page; nil at the end.
  public var next: Int64?

  /// The last number that was looked at; what was asked for as `after` when there was nothing to look at.
  public var reached: Int64?

  /// Rows, and where to go on.
  public init(rows: [Row], next: Int64?, reached: Int64?) {
    self.rows = rows
    self.next = next
    self.reached = reached
  }
}

/// What part of a listing is wanted.
///
/// Rows are numbered in the order they were stored. A page looks at `scan` numbers at most, so that no question
/// takes long however seldom its filter matches: such a page has few rows or none, and says where to go on.
public struct PageRequest: Sendable, Equatable {
  /// The number behind which the page begins; nil: at the beginning of the listing.
  public var after: Int64?
  /// Newest first, or oldest first.
  public var isNewestFirst: Bool
  /// Most rows of the page.
  public var limit: Int
  /// Most numbers that are looked at.
  public var scan: Int64

  /// A part of a listing.
  public init(after: Int64? = nil, isNewestFirst: Bool = true, limit: Int = 50, scan: Int64 = 200_000) {
    self.after = after
    self.isNewestFirst = isNewestFirst
    self.limit = max(limit, 1)
    self.scan = max(scan, 1)
  }

  /// The numbers to look at, given the lowest and highest there are; nil when none is left.
  func range(_ lowest: Int64, _ highest: Int64) -> ClosedRange<Int64>? {
    guard lowest <= highest else { return nil }
    if isNewestFirst {
      let top = min(highest, after.map { $0 == .min ? .min : $0 - 1 } ?? highest)
      return top < lowest ? nil : max(lowest, top.subtractingClamped(scan - 1))...top
    }
    let bottom = max(lowest, after.map { $0 == .max ? .max : $0 + 1 } ?? lowest)
    return bottom > highest ? nil : bottom...min(highest, bottom.addingClamped(scan - 1))
  }
}

extension Int64 {
  fileprivate func subtractingClamped(_ other: Int64) -> Int64 {
    let (result, overflow) = subtractingReportingOverflow(other)
    return overflow ? .min : result
  }

  fileprivate func addingClamped(_ other: Int64) -> Int64 {
    let (result, overflow) = addingReportingOverflow(other)
    return overflow ? .max : result
  }
}
