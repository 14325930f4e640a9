/// What tests have covered of some rules, for people, programs and editors.
public struct CoverageReport: Sendable {
  /// One a rule, by file.
  public private(set) var rules: [RuleCoverage] = []

  /// Puts what was covered of the same text together.
  public init(_ coverages: [RuleCoverage]) {
    for coverage in coverages {
      if !rules.indices.contains(where: { rules[$0].merge(coverage) }) { rules.append(coverage) }
    }
    rules.sort { ($0.file, $0.rule) < ($1.file, $1.rule) }
  }

  /// How much is covered of all of them.
  public var totals: CoverageTotals { rules.reduce(CoverageTotals()) { $0 + $1.totals } }

  /// From 0 to 100, of lines, branches and operands together.
  public var percentage: Double { totals.percentage }

  /// What is wrong when the percentage has to be a least one; nil when nothing is.
  public func problem(below threshold: Double) -> String? {
    if threshold > 0, let unknown = rules.first(where: { $0.isUncounted }) {
      return unknown.note
    }
    guard percentage < threshold else { return nil }
    let low = rules.filter { $0.totals.percentage < threshold }
      .map { "\($0.rule) \(CoverageReport.tenths($0.totals.percentage)) %" }
    let covered = CoverageReport.tenths(percentage)
    let wanted = threshold == threshold.rounded() ? "\(Int(exactly: threshold) ?? 0)" : "\(threshold)"
    return "coverage is \(covered) % and must be \(wanted) %: \(low.joined(separator: ", "))"
  }

  /// A percentage rounded down to tenths.
  static func tenths(_ percentage: Double) -> Double { (percentage * 10).rounded(.down) / 10 }

  /// A line a rule, then what never happened in it, a line each; a last line for all rules together.
  public var text: String {
    var lines: [String] = []
    for coverage in rules {
      lines.append("\(coverage.rule): \(coverage.totals.text)")
      if let note = coverage.note { lines.append("note: \(note)") }
      lines += coverage.gaps.map(\.description)
    }
    if rules.count > 1 { lines.append("all: \(totals.text)") }
    lines.append("Functions are counted; the top of a file runs when the rule loads.")
    return lines.map { $0 + "\n" }.joined()
  }
}
