public import RuleEngine

/// What runs of a rule have covered of its text. A copy of a fresh one is a cheap way to begin.
///
/// Only functions are told of: the top of the file runs when the rule is loaded, whatever comes after. What is in
/// libraries is not told of either.
public struct RuleCoverage: Sendable {
  /// The rule's id.
  public let rule: String
  /// The file, as reports name it.
  public let file: String
  let map: CoverageMap
  private(set) var probes: [RuleCounts.Count]
  private(set) var conditions: [RuleCounts.Condition]

  /// Nothing covered yet of a text that was instrumented for coverage.
  public init(_ instrumented: InstrumentedRule, rule: String, file: String) {
    self.rule = rule
    self.file = file
    map = CoverageMap(instrumented)
    probes = Array(repeating: RuleCounts.Count(), count: map.probeCount)
    conditions = map.conditions.map { .init(place: $0.place, subject: $0.subject) }
  }

  // MARK: Adding to it

  /// Adds what an engine counted (`Engine.takeCounts`) that runs the instrumented text.
  public mutating func add(_ counts: RuleCounts) {
    for (number, count) in counts.probes.enumerated() where number < probes.count { probes[number] += count }
    for more in counts.conditions {
      if let known = conditions.firstIndex(where: { $0.place == more.place && $0.subject == more.subject }) {
        conditions[known].count += more.count
      } else {
        conditions.append(more)
      }
    }
  }

  /// Adds what another run covered; false, and nothing is added, when that was of another text.
  @discardableResult public mutating func merge(_ other: RuleCoverage) -> Bool {
    guard file == other.file, map.chunk.bytes == other.map.chunk.bytes else { return false }
    add(RuleCounts(probes: other.probes, conditions: other.conditions))
    return true
  }

  // MARK: Asking it

  /// How often each line was run that something begins on, by line.
  public var lines: [Int: UInt64] { map.lines.mapValues { calls(of: $0) } }

  /// Whether a line was run; true of lines at the top of the file.
  public func covers(line: Int) -> Bool {
    if let probes = map.lines[line] { return calls(of: probes) > 0 }
    return map.chunk.bytes(ofLine: line).map { covers(bytes: $0) } ?? false
  }

  /// Whether the smallest statement, condition or operand around some bytes was run; true at the top of the file,
  /// and when nothing is known.
  public func covers(bytes: Range<Int>) -> Bool {
    map.innermost(around: bytes).map { probes[$0].seen > 0 } ?? true
  }

  /// How much is covered.
  public var totals: CoverageTotals {
    var totals = CoverageTotals()
    for probes in map.lines.values { totals.lines.count(calls(of: probes) > 0) }
    for branch in map.branches { RuleCoverage.count(probes[branch.probe], &totals.branches) }
    for operand in map.operands {
      let count = probes[operand.probe]
      if operand.needsBoth {
        RuleCoverage.count(count, &totals.operands)
      } else {
        totals.operands.count(count.seen > 0)
      }
    }
    for condition in conditions { RuleCoverage.count(condition.count, &totals.operands) }
    return totals
  }

  private static func count(_ count: RuleCounts.Count, _ share: inout CoverageShare) {
    share.count(count.truths > 0)
    share.count(count.lies > 0)
  }

  /// Several statements can stand in a line.
  private func calls(of probes: [Int]) -> UInt64 { probes.map { self.probes[$0].seen }.max() ?? 0 }

  /// Whether nothing of the text is counted, so that its figures say nothing.
  var isUncounted: Bool { map.depth == .nothing }

  /// What makes these figures less than they seem; nil when nothing does.
  public var note: String? {
    switch map.depth {
    case .full: nil
    case .lines: "\(file): the rule is so close to Lua's limits that only its lines are counted"
    case .nothing: "\(file): the rule is so close to Lua's limits that nothing of it is counted"
    }
  }
}
