import OrderFlow
import RuleEngine

/// Tells whether a flow shows a difference between a rule and a mutant, and makes a test of it.
struct MutantJudge {
  private let subject: RuleMutationSubject
  private let mutated: RuleTestRunner

  init(_ subject: RuleMutationSubject, _ mutant: Mutant) {
    self.subject = subject
    mutated = subject.runner(over: mutant.apply(to: subject.source))
  }

  /// A test of a flow, to an event or as a whole: the rule passes it, and the mutant does not.
  func test(_ candidate: FlowSearch.Candidate, of base: RuleTest) -> RuleTest? {
    for flow in [Array(candidate.events.prefix(candidate.event + 1)), candidate.events] {
      var test = base
      test.events = flow
      test.expectations = []
      test.hasExpectations = false
      test.isTable = true
      guard let marked = mark(test), tells(marked) else { continue }
      return marked
    }
    return nil
  }

  /// Whether the rule passes a test that the mutant fails.
  func tells(_ test: RuleTest) -> Bool { subject.runner.passes(test) && !mutated.passes(test) }

  /// The test with what the rule does as marks; nil when it fails.
  private func mark(_ test: RuleTest) -> RuleTest? {
    var test = test
    guard let result = try? subject.runner.run(test), result.failures.isEmpty, result.repeats.isEmpty,
      result.signals.allSatisfy({ $0.event != nil })
    else { return nil }
    for place in test.events.indices { test.events[place].marks = result.marks(at: place) }
    return test
  }
}
