import RuleEngine

/// Says why a rule was quiet, or was not, on an event of a test.
struct TestExplanation {
  /// Runs the instrumented rule.
  let runner: RuleTestRunner
  let rule: InstrumentedRule
  let test: RuleTest

  /// What stopped the rule on an event, and how far it was from going on; the nearest first.
  func silence(at event: Int) -> [String] {
    guard let (trace, declarations) = try? runner.trace(test, at: event, forcing: []) else { return [] }
    if trace.isQuarantined { return ["the rule is in quarantine"] }
    let failed = trace.conditions.filter { !$0.passes }
    if !failed.isEmpty {
      let checks = failed.map { Check($0) }
      return checks.map { stopped($0, wanted: true) }
        + leftOut(trace) { name in checks.contains { $0.left.text.hasPrefix(name + ".") } }
    }
    guard let hook = trace.calls.last?.hook else { return ["no hook of the rule was called"] }
    let search = try? GuardSearch(rule, hook: hook, declarations: declarations) { points in
      try runner.trace(test, at: event, forcing: points).trace
    }
    guard let search else { return [] }
    let steps = search.steps.prefix(3).enumerated().map { number, step in
      stopped(step.check, wanted: step.wanted, word: number == 0 ? "stopped by" : "then also")
    }
    // What is nil may be a group of whatever window the hook looked at.
    let isGroupMissing = search.steps.first?.check.left.value == .nil
    return steps + (isGroupMissing ? leftOut(trace) { _ in true } : [])
  }

  /// The conditions that kept the order out of windows.
  private func leftOut(_ trace: EventTrace, of isWanted: (String) -> Bool) -> [String] {
    trace.windows.filter { $0.group == nil && isWanted($0.name) }.flatMap { window in
      window.conditions.filter { !$0.passes }.map { condition in
        let check = Check(condition)
        let line = HeaderLines(rule.chunk).line(of: check.left.text, window: window.name)
        let place = line.map { "\(runner.rule).lua:\($0)" } ?? "its where"
        return "left out of window \(window.name) by \(place): \(Check.withoutOutcome(check))"
      }
    }
  }

  private func stopped(_ check: Check, wanted: Bool, word: String = "stopped by") -> String {
    let distance = check.distance(to: wanted).map { ": \($0)" } ?? ""
    return "\(word) \(place(check)): \(Check.withoutOutcome(check))\(distance)"
  }

  private func place(_ check: Check) -> String {
    let line = check.line > 0 ? check.line : HeaderLines(rule.chunk).line(of: check.left.text) ?? 0
    return "\(runner.rule).lua" + (line > 0 ? ":\(line)" : ", where")
  }

  /// The conditions that let the rule go on to a signal, as they were.
  func signal(at event: Int) -> [String] {
    guard let (trace, declarations) = try? runner.trace(test, at: event, forcing: []) else { return [] }
    var reasons = trace.conditions.map {
      "let through by \(place(Check($0))): \(Check.withoutOutcome(Check($0)))"
    }
    guard let call = trace.calls.lastIndex(where: { !$0.verdicts.isEmpty }) else { return reasons }
    if trace.calls[call].hook != "on_order" { reasons = [] }
    let reading = CallReading(trace, call: call, of: rule, declarations: declarations)
    reasons += reading.checks.suffix(4).map { "\(place($0)): \($0.text)" }
    return reasons
  }
}
