/// What was covered of a rule, or of several.
public struct CoverageTotals: Sendable, Equatable {
  /// Lines of functions on which something begins.
  public var lines = CoverageShare()
  /// The two ways of each condition of an `if`, `elseif`, `while` or `until`.
  public var branches = CoverageShare()
  /// What the operands of `and` and `or` have to be, and the conditions of the header: true and false; an operand
  /// that is only a value has to be looked at.
  public var operands = CoverageShare()

  /// Nothing at all.
  public init() {}

  /// All three together.
  public var all: CoverageShare { lines + branches + operands }

  /// From 0 to 100, of all three together.
  public var percentage: Double { all.percentage }

  /// Both together.
  public static func + (left: CoverageTotals, right: CoverageTotals) -> CoverageTotals {
    var sum = CoverageTotals()
    sum.lines = left.lines + right.lines
    sum.branches = left.branches + right.branches
    sum.operands = left.operands + right.operands
    return sum
  }

  /// "lines 3 of 4 (75 %), branches …"
  var text: String { "lines \(lines.text), branches \(branches.text), operands \(operands.text)" }
}
