import RuleEngine

extension RuleCoverage {
  /// What never happened, in the order of the text. Of what is in a function that was never called, only the
  /// function is told.
  public var gaps: [CoverageGap] {
    let silent = Set(map.functions.indices.filter { probes[map.functions[$0].probe].seen == 0 })
    let gaps =
      functionGaps(silent) + lineGaps(silent) + map.branches.flatMap { branchGaps($0) }
      + map.operands.flatMap { operandGaps($0) } + conditions.flatMap { conditionGaps($0) }
    // What stands in one line stays in the order that it came in.
    return gaps.enumerated().sorted { ($0.element.line, $0.offset) < ($1.element.line, $1.offset) }
      .map(\.element)
  }

  private func functionGaps(_ silent: Set<Int>) -> [CoverageGap] {
    silent.compactMap { place in
      let function = map.functions[place]
      if let parent = function.parent, silent.contains(parent) { return nil }
      return gap(.function, function.line, function.name ?? "", .called)
    }
  }

  /// Lines that follow each other are told together.
  private func lineGaps(_ silent: Set<Int>) -> [CoverageGap] {
    var gaps: [CoverageGap] = []
    var isOpen = false
    for (line, count) in lines.sorted(by: { $0.key < $1.key }) {
      let isTold = map.lines[line]?.first.flatMap { map.owners[$0] }.map { silent.contains($0) } ?? false
      if count > 0 || isTold {
        isOpen = false
      } else if isOpen {
        gaps[gaps.count - 1].lastLine = line
      } else {
        gaps.append(gap(.line, line, "", .run))
        isOpen = true
      }
    }
    return gaps
  }

  private func branchGaps(_ branch: CoverageMap.Test) -> [CoverageGap] {
    let count = probes[branch.probe]
    if count.seen == 0, !covers(line: branch.countedLine) { return [] }
    return nevers(count, .tested).map { gap(.branch, branch.line, branch.text, $0) }
  }

  private func operandGaps(_ operand: CoverageMap.Test) -> [CoverageGap] {
    let count = probes[operand.probe]
    if probes[operand.around].seen == 0 { return [] }
    if !operand.needsBoth, count.seen > 0 { return [] }
    return nevers(count, .evaluated).map { gap(.operand, operand.line, operand.text, $0) }
  }

  private func conditionGaps(_ condition: RuleCounts.Condition) -> [CoverageGap] {
    let entry = map.conditions.first { $0.place == condition.place && $0.subject == condition.subject }
    return nevers(condition.count, .tested).map { never in
      var gap = gap(.condition, entry?.line ?? 0, entry?.text ?? condition.subject, never)
      gap.place = condition.place.text
      return gap
    }
  }

  private func nevers(_ count: RuleCounts.Count, _ unseen: CoverageGap.Never) -> [CoverageGap.Never] {
    if count.seen == 0 { return [unseen] }
    return count.truths == 0 ? [.true] : count.lies == 0 ? [.false] : []
  }

  private func gap(
    _ kind: CoverageGap.Kind, _ line: Int, _ text: String, _ never: CoverageGap.Never
  ) -> CoverageGap {
    CoverageGap(kind: kind, file: file, line: line, lastLine: line, text: text, never: never)
  }
}

extension RuleCounts.Place {
  /// "'where'", "window 'buys'"…
  fileprivate var text: String {
    switch self {
    case .rule: "'where'"
    case .window(let name): "window '\(name)'"
    case .step(let sequence, let name): "'\(name)' of sequence '\(sequence)'"
    }
  }
}
