/// How many of some things were covered.
public struct CoverageShare: Sendable, Equatable {
  /// Those that were.
  public var covered: Int
  /// All of them.
  public var total: Int

  /// So many of so many.
  public init(covered: Int = 0, total: Int = 0) {
    self.covered = covered
    self.total = total
  }

  /// From 0 to 100; 100 of nothing.
  public var percentage: Double { total == 0 ? 100 : Double(covered) / Double(total) * 100 }

  /// Both together.
  public static func + (left: CoverageShare, right: CoverageShare) -> CoverageShare {
    CoverageShare(covered: left.covered + right.covered, total: left.total + right.total)
  }

  mutating func count(_ isCovered: Bool) {
    total += 1
    if isCovered { covered += 1 }
  }

  /// "3 of 4 (75 %)", rounded down: 100 is all.
  var text: String { total == 0 ? "none" : "\(covered) of \(total) (\(Int(percentage)) %)" }
}
