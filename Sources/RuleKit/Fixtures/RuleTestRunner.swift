public import RuleEngine

/// Runs tests of one rule.
///
/// A test runs the rule, and those that it hears, in the engine that replays and live runs use, one event at a
/// time; whatever the size of the batch, the signals are the same.
public struct RuleTestRunner: Sendable {
  /// The rule that is tested.
  public let rule: String
  private let sources: RuleSources
  private var options = Engine.Options()
  /// Whether nobody wants to know any more: a run ends before its time then.
  public var isOver: @Sendable () -> Bool = { false }

  /// Prepares a rule; throws when it, or one that it hears, does not load.
  ///
  /// `instrumented` is the rule's text with probes, for a run that is watched.
  public init(
    _ sources: RuleSources, rule: String, instrumented: InstrumentedSource? = nil
  ) throws(Engine.Refusal) {
    self.rule = rule
    self.sources = sources
    options.among = Set(try sources.heard(by: rule))
    self.instrumented = instrumented
  }

  /// The rule's text with probes; nil runs it as it is.
  public var instrumented: InstrumentedSource? {
    get { options.instrumented[rule] }
    set {
      options.instrumented[rule] = newValue
      // Probes take time.
      options.limits.callMilliseconds = RuleLimits().callMilliseconds * (newValue == nil ? 1 : 20)
    }
  }

  /// The rule's text.
  public var source: [UInt8]? { sources.rules.first { $0.name == rule }?.source }

  /// What a rule may use; for who runs what may never end.
  public var limits: RuleLimits {
    get { options.limits }
    set { options.limits = newValue }
  }

  /// The same runner over other files, such as those of a mutant.
  public func over(_ sources: RuleSources) -> RuleTestRunner {
    RuleTestRunner(rule: rule, sources: sources, options: options)
  }

  private init(rule: String, sources: RuleSources, options: Engine.Options) {
    self.rule = rule
    self.sources = sources
    self.options = options
  }

  /// Runs a test, with what it injects or with `injections` in their place.
  ///
  /// Throws `Engine.Refusal` when the rule does not load, or cannot be restarted or reloaded where the test does.
  /// `watch` gets what an instrumented rule did at every event, with the event's place in the flow.
  public func run(
    _ test: RuleTest, injections: [TestInjection]? = nil, watch: ((Int?, EventTrace) -> Void)? = nil
  ) throws(Engine.Refusal) -> TestResult {
    var run = try begin(test)
    run.watch = watch
    let steps = TestStep.plan(test, injections ?? test.injections, lateness: options.lateness)
    for (number, step) in steps.enumerated() {
      // A recording can be long.
      if number % 256 == 255, isOver() { break }
      try run.take(step, of: test)
    }
    run.collect()
    return run.result
  }

  /// Runs a test up to an event, in which conditions are forced; returns what the rule did there.
  func trace(
    _ test: RuleTest, at event: Int, forcing points: [ProbeForcing], despiteConditions: Bool = false
  ) throws(Engine.Refusal) -> (trace: EventTrace, declarations: RuleDeclarations?) {
    var run = try begin(test)
    run.forcing = (event, points, despiteConditions)
    var found: EventTrace?
    run.watch = { place, trace in
      if place == event { found = trace }
    }
    for step in TestStep.plan(test, test.injections, lateness: options.lateness) {
      try run.take(step, of: test)
      if case .event(event, _) = step { break }
    }
    return (found ?? EventTrace(), run.engine.declarations(of: rule))
  }

  private func begin(_ test: RuleTest) throws(Engine.Refusal) -> TestRun {
    var sources = sources
    sources.parameters[rule, default: [:]].merge(test.parameters) { $1 }
    if let labels = test.labels { sources.labels = labels }
    return try TestRun(sources, rule: rule, options: options)
  }
}
