public import RuleEngine

/// Finds what kept a rule from a signal, and what comes behind that.
///
/// The condition that decided last is made to say the opposite, and the hook runs again over the same event; then
/// the next one, until there is a signal, an error, or nothing left that decides.
public struct GuardSearch: Sendable {
  /// One condition that stood in the way.
  public struct Step: Equatable, Sendable {
    /// Line of the condition it is part of, from 1.
    public var line: Int
    /// What it compared.
    public var check: Check
    /// What it would have to say.
    public var wanted: Bool
    /// How far it is from that; nil when that cannot be said.
    public var distance: String?
    /// The line of the `return` that it led to, nil when it only left out what could have come.
    public var returned: Int?
  }

  /// How the search ended.
  public enum End: Equatable, Sendable {
    /// With all that forced, the rule says something.
    case fires(signals: Int)
    /// With all that forced, the hook fails: what comes behind cannot be said.
    case fails(String)
    /// No condition is left that leads to a signal.
    case exhausted
    /// There are more than can be forced.
    case tooMany
  }

  /// Conditions in the order in which they were met; the first one stopped the rule.
  public private(set) var steps: [Step] = []
  /// How the search ended.
  public private(set) var end = End.exhausted

  /// Most conditions that are forced.
  public static let limit = 50

  /// Searches in the calls of `hook`; `run` runs the event with forced conditions.
  public init(
    _ rule: InstrumentedRule, hook: String, declarations: RuleDeclarations?,
    run: ([ProbeForcing]) throws -> EventTrace
  ) rethrows {
    var forcing: [ProbeForcing] = []
    while true {
      let trace = try run(forcing)
      guard let number = trace.calls.lastIndex(where: { $0.hook == hook }) else { return }
      let call = trace.calls[number]
      if let failure = call.failure {
        end = .fails(failure)
        return
      }
      if !call.verdicts.isEmpty {
        end = .fires(signals: call.verdicts.count)
        return
      }
      let reading = CallReading(
        trace, call: number, of: rule, declarations: declarations, forcing: forcing)
      guard let test = GuardSearch.decisive(reading, rule), !forcing.contains(test.forcing) else { return }
      if forcing.count == GuardSearch.limit {
        end = .tooMany
        return
      }
      steps.append(GuardSearch.step(test, reading, rule))
      forcing.append(test.forcing)
    }
  }

  /// The condition that stopped one call of a hook, nil when none did.
  static func firstStep(
    _ trace: EventTrace, call: Int, of rule: InstrumentedRule, declarations: RuleDeclarations?
  ) -> Step? {
    let reading = CallReading(trace, call: call, of: rule, declarations: declarations)
    return decisive(reading, rule).map { step($0, reading, rule) }
  }

  private static func step(
    _ test: CallReading.Test, _ reading: CallReading, _ rule: InstrumentedRule
  ) -> Step {
    let clause = rule.clauses[test.clause]
    return Step(
      line: clause.line, check: test.check, wanted: !test.truth,
      distance: test.check.distance(to: !test.truth),
      returned: test.outcome && clause.leaves ? reading.lastReturn : nil)
  }

  /// The test that decided last against a signal, nil when none did.
  private static func decisive(_ reading: CallReading, _ rule: InstrumentedRule) -> CallReading.Test? {
    for (place, test) in reading.tests.enumerated().reversed() {
      let clause = rule.clauses[test.clause]
      // A part of a condition decided about it when no later part of it was looked at.
      let next = reading.tests[(place + 1)...].first { $0.clause == test.clause }
      if let next, next.part > test.part { continue }
      if test.check.forced != nil { continue }
      switch clause.kind {
      case .if:
        let isWrongWay = test.outcome ? !clause.leadsToSignal : clause.leadsToSignal
        if isWrongWay, test.outcome ? clause.leaves || clause.elseLeadsToSignal : true { return test }
      case .while: if !test.outcome, clause.leadsToSignal { return test }
      case .until: continue
      }
    }
    return nil
  }
}
