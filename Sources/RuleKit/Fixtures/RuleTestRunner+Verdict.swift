import RuleEngine

extension RuleTestRunner {
  /// Runs a test and compares what the rule did with what is due; says why where it differs, which takes many more
  /// runs, if `explains` is true.
  ///
  /// What a golden holds is compared by `GoldenComparison`.
  public func verdict(on test: RuleTest, explains: Bool = true) -> TestVerdict {
    var verdict: TestVerdict
    do throws(Engine.Refusal) {
      verdict = TestJudge.judge(test, try run(test))
    } catch {
      verdict = TestVerdict(test: test)
      verdict.differences = error.problems.map { .init(event: nil, message: "\($0)", kind: .other) }
    }
    if explains, !verdict.isPassed { explain(&verdict) }
    return verdict
  }

  /// Whether a test passes; as `verdict`, without reasons.
  public func passes(_ test: RuleTest) -> Bool {
    do throws(Engine.Refusal) {
      return TestJudge.judge(test, try run(test)).isPassed
    } catch {
      return false
    }
  }

  /// Says of the first differences what the rule did there.
  private func explain(_ verdict: inout TestVerdict) {
    guard let source = source, let rule = try? InstrumentedRule(source) else { return }
    var watched = self
    watched.instrumented = rule.source
    let explanation = TestExplanation(runner: watched, rule: rule, test: verdict.test)
    var left = 5
    for place in verdict.differences.indices where left > 0 {
      guard let event = verdict.differences[place].event else { continue }
      switch verdict.differences[place].kind {
      case .missing: verdict.differences[place].reasons = explanation.silence(at: event)
      case .unexpected: verdict.differences[place].reasons = explanation.signal(at: event)
      case .other: continue
      }
      left -= 1
    }
  }
}
