import OrderFlow
public import RuleEngine

/// A rule of a folder with its tests, for mutation testing.
public struct RuleMutationSubject: MutationSubject {
  /// The rule's text.
  public let source: [UInt8]
  /// The tests by name.
  public var tests: [String] { ruleTests.map(\.name) }

  /// The rule's id.
  let rule: String
  let ruleTests: [RuleTest]
  let runner: RuleTestRunner
  /// The rule with probes; nil where those do not fit.
  let instrumented: InstrumentedRule?
  private let sources: RuleSources
  /// What each test runs of the rule.
  private let coverage: [RuleCoverage?]
  /// What the rule as it is gives in the tests that have a golden.
  private let goldens: [Golden?]

  /// Prepares a rule and finds out what its tests come by. Throws when it, or one that it hears, does
  /// not load. Nil when there is no such rule.
  public init?(_ sources: RuleSources, rule: String, tests: [RuleTest]) throws(Engine.Refusal) {
    guard let file = sources.rules.first(where: { $0.name == rule }) else { return nil }
    source = file.source
    self.rule = rule
    self.sources = sources
    ruleTests = tests
    runner = try RuleTestRunner(sources, rule: rule)
    let instrumented = (try? InstrumentedRule(file.source)).flatMap { $0.depth == .nothing ? nil : $0 }
    self.instrumented = instrumented
    let runner = runner
    coverage = tests.map { runner.coverage(of: [$0], file: rule + ".lua") }
    goldens = tests.map { test in
      test.golden == nil ? nil : (try? runner.run(test)).map { Golden(test, $0) }
    }
  }

  /// Whether a test comes by the place of a mutant; true when nobody knows, and of what is done at loading.
  public func reaches(_ mutant: Mutant, test: Int) -> Bool {
    coverage[test]?.covers(bytes: mutant.range) ?? true
  }

  /// The runner over another text of the rule.
  func runner(over source: [UInt8]) -> RuleTestRunner {
    var sources = sources
    for place in sources.rules.indices where sources.rules[place].name == rule {
      sources.rules[place].source = source
    }
    return runner.over(sources)
  }

  /// Why a text does not load in the place of the rule's; nil when it does.
  public func refusal(of source: [UInt8]) -> String? {
    var sources = sources
    for place in sources.rules.indices where sources.rules[place].name == rule {
      sources.rules[place].source = source
    }
    var options = Engine.Options()
    options.only = rule
    do throws(Engine.Refusal) {
      _ = try Engine(sources, options: options)
      return nil
    } catch {
      return error.problems.first?.description ?? "it does not load"
    }
  }

  /// Runs a test with another text in the place of the rule's.
  public func run(test place: Int, source: [UInt8]) -> MutationTrial {
    let test = ruleTests[place]
    guard let result = try? runner(over: source).run(test) else { return .failed }
    if result.failures.contains(where: { $0.failure.kind == "killed" }) { return .overtime }
    if test.golden != nil, Golden(test, result) != goldens[place] { return .failed }
    return TestJudge.judge(test, result).isPassed ? .passed : .failed
  }
}
