import RuleEngine

extension CoverageReport {
  /// The trace file that `geninfo` documents: functions, branches and lines of each file.
  ///
  /// A block of branches is a condition or an operand; its branches are true and false, or one when it only has to
  /// be looked at. The conditions of the header are in none, as their lines are not counted.
  public var lcov: String { rules.map { $0.lcov }.joined() }
}

extension RuleCoverage {
  /// The record of this file.
  fileprivate var lcov: String {
    var lines = ["TN:", "SF:\(file)"]
    addFunctions(to: &lines)
    addBranches(to: &lines)
    let counts = self.lines.sorted { $0.key < $1.key }
    lines += counts.map { "DA:\($0.key),\($0.value)" }
    lines += ["LF:\(counts.count)", "LH:\(counts.filter { $0.value > 0 }.count)", "end_of_record"]
    return lines.map { $0 + "\n" }.joined()
  }

  private func addFunctions(to lines: inout [String]) {
    var used: Set<String> = []
    let functions = map.functions.map { function in
      // The format tells functions apart by their names, and ends those at commas.
      var name = String((function.name ?? "function@\(function.line)").map { $0 == "," ? ";" : $0 })
      while !used.insert(name).inserted { name += "@\(function.line)" }
      return (name: name, line: function.line, calls: probes[function.probe].seen)
    }
    lines += functions.map { "FN:\($0.line),\($0.name)" }
    lines += functions.map { "FNDA:\($0.calls),\($0.name)" }
    lines += ["FNF:\(functions.count)", "FNH:\(functions.filter { $0.calls > 0 }.count)"]
  }

  private func addBranches(to lines: inout [String]) {
    let tests = (map.branches + map.operands).enumerated().sorted { left, right in
      (left.element.countedLine, left.offset) < (right.element.countedLine, right.offset)
    }.map(\.element)
    var (block, lastLine, found, hit) = (0, 0, 0, 0)
    for test in tests {
      block = test.countedLine == lastLine ? block + 1 : 0
      lastLine = test.countedLine
      let count = probes[test.probe]
      let ways = test.needsBoth ? [count.truths, count.lies] : [count.seen]
      // A dash: nothing around it was run either.
      let isReached = probes[test.around].seen > 0
      for (branch, taken) in ways.enumerated() {
        lines.append("BRDA:\(test.countedLine),\(block),\(branch),\(isReached ? "\(taken)" : "-")")
        found += 1
        if taken > 0 { hit += 1 }
      }
    }
    lines += ["BRF:\(found)", "BRH:\(hit)"]
  }
}
