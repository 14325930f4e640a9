public import Files
public import RuleEngine
public import RuleKit
import Synchronization

/// Runs the tests of a folder's rules, several rules at a time.
public struct TestSession: Sendable {
  /// What is run, and how.
  public struct Options: Sendable {
    /// Run the tests of these rules alone; empty: of all that have any.
    public var rules: [String] = []
    /// Run tests alone whose `rule: name` has this in it, in any case of letters.
    public var filter: String?
    /// Stop at the first test that fails.
    public var failsFast = false
    /// Run every test under every fault as well.
    public var triesFaults = false
    /// Find out what the tests cover.
    public var covers = false
    /// Threads that rules are spread over.
    public var threads = 1
    /// Say of what differs why it does.
    public var explains = true
    /// Whether nobody wants to know any more; then what came out means nothing.
    public var isOver: @Sendable () -> Bool = { false }

    /// All tests.
    public init() {}
  }

  /// What a rule's golden has, and what the run gave.
  public struct GoldenRun: Sendable {
    /// The rule.
    public var rule: String
    /// The test.
    public var test: RuleTest
    /// The file, as the user knows it.
    public var path: String
    /// What it has, nil when it is not there.
    public var golden: Golden?
    /// How the run differs.
    public var comparison: GoldenComparison
  }

  /// What came out for one rule.
  public struct Result: Sendable {
    /// The verdicts.
    public var file: TestReport.File
    /// Goldens that are not what the run gave.
    public var goldens: [GoldenRun] = []
    /// What faults do to it; nil when that was not tried.
    public var faults: FaultTrial?
    /// What the tests cover; nil when that was not asked for.
    public var coverage: RuleCoverage?
    /// Whether the rule does not load.
    public var isRefused = false
  }

  private let folder: TestFolder
  private let sources: RuleSources
  private let options: Options

  /// Prepares a run over the rules that were read from a folder.
  public init(_ folder: TestFolder, _ sources: RuleSources, _ options: Options = Options()) {
    self.folder = folder
    self.sources = sources
    self.options = options
  }

  /// The rules whose tests are run.
  public var rules: [String] { options.rules.isEmpty ? folder.tested() : options.rules }

  /// Runs everything; the results are in rule order. Says how many seconds it took.
  public func run() -> (results: [Result], seconds: Double) {
    let begin = MonotonicClock.now()
    let rules = rules
    let board = Board(count: rules.count)
    let threads = (0..<max(1, min(options.threads, rules.count))).map { _ in
      NativeThread {
        while !options.isOver(), let place = board.next() {
          board.put(result(of: rules[place], board), at: place)
        }
      }
    }
    for thread in threads { thread.join() }
    return (board.results, Double(MonotonicClock.now() - begin) / 1e9)
  }

  /// Hands out rules, and takes what came of them.
  private final class Board: Sendable {
    private struct State {
      var results: [Result?]
      var next = 0
      var isOver = false
    }
    private let state: Mutex<State>

    init(count: Int) { state = Mutex(State(results: Array(repeating: nil, count: count))) }

    func next() -> Int? {
      state.withLock { state in
        guard !state.isOver, state.next < state.results.count else { return nil }
        state.next += 1
        return state.next - 1
      }
    }

    func put(_ result: Result, at place: Int) { state.withLock { $0.results[place] = result } }

    func stop() { state.withLock { $0.isOver = true } }

    var isOver: Bool { state.withLock { $0.isOver } }
    var results: [Result] { state.withLock { $0.results.compactMap(\.self) } }
  }

  // MARK: A rule

  private func result(of rule: String, _ board: Board) -> Result {
    let file: RuleTestFile
    switch folder.read(rule, among: sources) {
    case .file(let read): file = read
    case .problem(let path, let rule, let message):
      return Result(file: TestReport.File(path: path, rule: rule, verdicts: [], seconds: 0, problem: message))
    }
    var result = Result(file: TestReport.File(path: file.path, rule: rule, verdicts: [], seconds: 0))
    let tests = file.tests.filter { isWanted($0, of: rule) }
    if tests.isEmpty { return result }
    do throws(Engine.Refusal) {
      let begin = MonotonicClock.now()
      var runner = try RuleTestRunner(sources, rule: rule)
      runner.isOver = options.isOver
      for test in tests where !board.isOver && !options.isOver() {
        take(test, runner, &result)
        if options.failsFast, result.file.verdicts.last?.isPassed == false { board.stop() }
      }
      if options.covers { result.coverage = runner.coverage(of: tests, file: "\(folder.rules)/\(rule).lua") }
      result.file.seconds = Double(MonotonicClock.now() - begin) / 1e9
    } catch {
      result.isRefused = true
      result.file.problem = error.problems.map { "\(folder.rules)/\($0)" }.joined(separator: "\n")
    }
    return result
  }

  private func isWanted(_ test: RuleTest, of rule: String) -> Bool {
    guard let filter = options.filter?.lowercased() else { return true }
    return "\(rule): \(test.name)".lowercased().contains(filter)
  }

  private func take(_ test: RuleTest, _ runner: RuleTestRunner, _ result: inout Result) {
    var verdict = runner.verdict(on: test, explains: options.explains)
    if let name = test.golden, let run = verdict.result {
      let path = GoldenFile.path(rule: result.file.rule, name: name)
      let (golden, problem) = readGolden(path)
      let comparison = GoldenComparison(golden, Golden(test, run))
      if let problem {
        verdict.add(problem)
      } else {
        verdict.add(comparison.differences(in: test, path: path, isMissing: golden == nil))
      }
      if golden == nil || !comparison.changes.isEmpty {
        result.goldens.append(
          GoldenRun(
            rule: result.file.rule, test: test, path: path, golden: golden, comparison: comparison))
      }
    }
    if options.triesFaults, verdict.isPassed {
      var trial = result.faults ?? FaultTrial()
      trial.take(test, runner)
      result.faults = trial
    }
    result.file.verdicts.append(verdict)
  }

  private func readGolden(_ path: String) -> (Golden?, problem: String?) {
    let file = folder.resolve(path)
    if SmallFile.stamp(file) == nil { return (nil, nil) }
    do throws(SmallFile.Failure) {
      let golden = Golden(try SmallFile.read(file, limit: 64 << 20).bytes)
      return (golden, golden == nil ? "\(path) is no golden: write it again with --accept" : nil)
    } catch {
      return (nil, "\(path): \(error)")
    }
  }

  // MARK: Goldens

  /// Writes a golden: what the run gave, with what `isAccepted` refuses left as it was.
  ///
  /// Throws why the file cannot be written.
  public func write(
    _ run: GoldenRun, _ isAccepted: (GoldenComparison.Change) -> Bool = { _ in true }
  ) throws(SmallFile.Failure) {
    let golden = run.comparison.accepting(run.golden, isAccepted)
    let text = golden.text(rule: run.rule, test: run.test.name)
    try SmallFile.write(Array(text.utf8), to: folder.resolve(run.path))
  }
}
