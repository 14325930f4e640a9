import RuleEngine

extension RuleTestRunner {
  /// What some tests cover of the rule, together; `file` is how reports name it. nil when the rule is no Lua.
  ///
  /// A test that cannot be run to its end covers nothing.
  public func coverage(of tests: [RuleTest], file: String) -> RuleCoverage? {
    guard let source, let instrumented = try? InstrumentedRule(source, for: .coverage) else { return nil }
    var counting = self
    counting.instrumented = instrumented.source
    var coverage = RuleCoverage(instrumented, rule: rule, file: file)
    for test in tests {
      guard let result = try? counting.run(test) else { continue }
      for counts in result.counts { coverage.add(counts) }
    }
    return coverage
  }
}
