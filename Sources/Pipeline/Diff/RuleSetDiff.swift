import OrderFlow
public import RuleEngine
public import RuleKit

/// Runs two rule sets over the same flow and tells how their signals differ.
public struct RuleSetDiff {
  /// What to compare and how.
  public struct Options: Sendable {
    /// Compare this rule alone.
    public var only: String?
    /// How long after its signals prices are looked at, ms; nil: not at all.
    public var horizon: Int64?
    /// Of how many signals of a rule and kind it is looked at what decided.
    public var explained = 500
    /// Leave rules out of the set before that do not load, as they were when it ran.
    public var forgivesBefore = false

    /// The defaults.
    public init() {}
  }

  /// A rule that has to run does not load.
  public struct Refused: Error, Sendable {
    /// In which set.
    public var side: DiffSide
    /// What is wrong with it.
    public var problems: [RuleProblem]
  }

  private let sets: [DiffSide: RuleSources]
  private let flow: DiffFlow
  private let options: Options
  private var report: DiffReport

  /// Prepares a run; the places say where the sets are from.
  public init(
    before: (sources: RuleSources, place: String), after: (sources: RuleSources, place: String),
    flow: DiffFlow,
    options: Options = Options()
  ) {
    sets = [.before: before.sources, .after: after.sources]
    self.flow = flow
    self.options = options
    report = DiffReport(
      before: .init(version: before.sources.version, place: before.place),
      after: .init(version: after.sources.version, place: after.place), flow: .init(place: flow.place))
    report.horizon = options.horizon
  }

  /// Runs both, and again with probes when they differ.
  ///
  /// Throws `Refused`, `FeedError` when a recording cannot be read to its end, and `JournalError`.
  public func run() throws -> DiffReport {
    var report = report
    let plan = try DiffPlan(
      sets, only: options.only, forgives: options.forgivesBefore ? [.before] : [])
    report.unchanged = plan.unchanged
    if plan.compared.isEmpty { return report }
    var last = Int64.max
    if case .journal(let reader, _) = flow { last = try reader.lastSequence() }
    let first = ComparingPass(plan, sets, flow)
    var differences = try first.run(flow, last: last)
    report.flow = first.flow
    report.notes = first.notes
    if !differences.isEmpty {
      let second = ExplainingPass(plan, sets, options, kills: first.kills)
      try second.run(&differences, flow, last: last)
    }
    report.add(differences, same: first.same, rules: plan.compared)
    return report
  }

  /// An engine with the rules of a plan.
  static func engine(
    _ sources: RuleSources, _ plan: DiffPlan, kills: Set<Kill> = [],
    instrumented: [String: InstrumentedSource] = [:]
  ) throws -> Engine {
    var options = Engine.Options()
    options.among = plan.running
    // Those that must load were looked at before.
    options.skipsBadRules = true
    options.kills = kills
    options.instrumented = instrumented
    if !instrumented.isEmpty {
      // Probes take time, and a call that was killed is killed again by its number.
      options.limits.callMilliseconds *= 20
      options.limits.loadMilliseconds *= 20
    }
    return try Engine(sources, options: options)
  }
}
