internal import RuleEngine
internal import Synchronization

/// Runs the tests of a rule over all its mutants, on several threads; the outcome does not depend on how many.
public struct MutationRun: Sendable {
  /// How to run.
  public struct Options: Sendable {
    /// Threads that mutants are spread over.
    public var threads = 1
    /// How long the tests of one mutant may take in all, if `factor` gives them no more; one that takes longer
    /// counts as killed.
    public var limit = Duration.seconds(20)
    /// How many times as long as those of the rule they may take at least.
    public var factor = 10

    /// The defaults.
    public init() {}
  }

  /// Why there is nothing to measure.
  public enum Failure: Error, Equatable, Sendable {
    /// It is no Lua.
    case syntax(LuaSyntaxError)
    /// The tests of the rule as it is must pass first: the first one that does not.
    case failing(test: String, MutationTrial)
  }

  private let options: Options

  /// A run with these options.
  public init(_ options: Options = Options()) { self.options = options }

  /// Makes all mutants and runs the tests that come by each until one fails; `progress` is told now and then how
  /// many are done, of how many, on the calling thread.
  public func run(
    _ subject: some MutationSubject, rule: String, progress: ((Int, Int) -> Void)? = nil
  ) throws(Failure) -> MutationReport {
    let mutants: [Mutant]
    do throws(LuaSyntaxError) {
      mutants = try Mutant.all(in: subject.source)
    } catch {
      throw .syntax(error)
    }
    let clock = ContinuousClock()
    let start = clock.now
    for (number, name) in subject.tests.enumerated() {
      let trial = subject.run(test: number, source: subject.source)
      if trial != .passed { throw .failing(test: name, trial) }
    }
    // Long tests take long with every text: that says nothing about a mutant.
    let limit = max(options.limit, (clock.now - start) * options.factor)
    let results = Results(count: mutants.count)
    @Sendable func runNext() -> Bool {
      guard let place = results.take() else { return false }
      results.set(place, outcome(of: mutants[place], subject, limit))
      return true
    }
    let helpers = (1..<max(min(options.threads, mutants.count), 1)).map { _ in
      NativeThread { while runNext() {} }
    }
    while runNext() { progress?(results.done, mutants.count) }
    for helper in helpers { helper.join() }
    return MutationReport(
      rule: rule, source: subject.source, tests: subject.tests.count,
      results: zip(mutants, results.all).map { MutationReport.Result(mutant: $0, outcome: $1) })
  }

  private func outcome(
    of mutant: Mutant, _ subject: some MutationSubject, _ limit: Duration
  ) -> MutationOutcome {
    let source = mutant.apply(to: subject.source)
    if let reason = subject.refusal(of: source) { return .invalid(reason) }
    let clock = ContinuousClock()
    let start = clock.now
    var ran = 0
    for (number, name) in subject.tests.enumerated() {
      if !subject.reaches(mutant, test: number) { continue }
      ran += 1
      switch subject.run(test: number, source: source) {
      case .passed: if clock.now - start > limit { return .overtime(by: name) }
      case .failed: return .killed(by: name)
      case .overtime: return .overtime(by: name)
      }
    }
    return .survived(ran: ran)
  }
}

/// What came of each mutant so far.
private final class Results: Sendable {
  private struct State {
    var outcomes: [MutationOutcome]
    var taken = 0
    var done = 0
  }

  private let state: Mutex<State>

  init(count: Int) { state = Mutex(State(outcomes: Array(repeating: .survived(ran: 0), count: count))) }

  /// The next mutant that nobody has taken.
  func take() -> Int? {
    state.withLock { state in
      guard state.taken < state.outcomes.count else { return nil }
      state.taken += 1
      return state.taken - 1
    }
  }

  func set(_ place: Int, _ outcome: MutationOutcome) {
    state.withLock { state in
      state.outcomes[place] = outcome
      state.done += 1
    }
  }

  var done: Int { state.withLock { $0.done } }
  var all: [MutationOutcome] { state.withLock { $0.outcomes } }
}
