internal import RuleEngine
internal import Synchronization

/// Runs the tests of a rule over all its mutants, on several threads; the outcome does not depend on how many.
public struct MutationRun: Sendable {
  /// How to run.
  public struct Options: Sendable {
    /// Threads that mutants are spread over.
    public var threads = 1
    /// How long the tests of one mutant may take in all; one that takes longer counts as killed.
    public var limit = Duration.seconds(20)

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

  /// Makes all mutants and runs the tests that come by each until one fails; `progress` is told how many are
  /// done, of how many, by one thread at a time.
  public func run(
    _ subject: some MutationSubject, rule: String, progress: (@Sendable (Int, Int) -> Void)? = nil
  ) throws(Failure) -> MutationReport {
    let mutants: [Mutant]
    do throws(LuaSyntaxError) {
      mutants = try Mutant.all(in: subject.source)
    } catch {
      throw .syntax(error)
    }
    for (number, name) in subject.tests.enumerated() {
      let trial = subject.run(test: number, source: subject.source)
      if trial != .passed { throw .failing(test: name, trial) }
    }
    let results = Results(count: mutants.count)
    let next = Atomic(0)
    withThreads(min(options.threads, max(mutants.count, 1))) {
      while true {
        let place = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard place < mutants.count else { return }
        results.set(place, outcome(of: mutants[place], subject), progress)
      }
    }
    return MutationReport(
      rule: rule, source: subject.source, tests: subject.tests.count,
      results: zip(mutants, results.all).map { MutationReport.Result(mutant: $0, outcome: $1) })
  }

  private func outcome(of mutant: Mutant, _ subject: some MutationSubject) -> MutationOutcome {
    let source = mutant.apply(to: subject.source)
    if let reason = subject.refusal(of: source) { return .invalid(reason) }
    let clock = ContinuousClock()
    let start = clock.now
    var ran = 0
    for (number, name) in subject.tests.enumerated() {
      if let line = mutant.statement, !subject.reaches(line: line, test: number) { continue }
      ran += 1
      switch subject.run(test: number, source: source) {
      case .passed: if clock.now - start > options.limit { return .overtime(by: name) }
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
    var done = 0
  }

  private let state: Mutex<State>

  init(count: Int) { state = Mutex(State(outcomes: Array(repeating: .survived(ran: 0), count: count))) }

  func set(_ place: Int, _ outcome: MutationOutcome, _ progress: (@Sendable (Int, Int) -> Void)?) {
    state.withLock { state in
      state.outcomes[place] = outcome
      state.done += 1
      progress?(state.done, state.outcomes.count)
    }
  }

  var all: [MutationOutcome] { state.withLock { $0.outcomes } }
}

/// Runs the body on so many threads with room for Lua, and waits for all.
private func withThreads(_ count: Int, _ body: @escaping @Sendable () -> Void) {
  let threads = (0..<max(count, 1)).map { _ in NativeThread(body) }
  for thread in threads { thread.join() }
}
