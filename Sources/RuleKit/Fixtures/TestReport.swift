/// What became of the tests of some rules, in one of the forms that people and programs read.
public struct TestReport: Sendable {
  /// The tests of one file.
  public struct File: Sendable {
    /// The file as the user knows it.
    public var path: String
    /// The rule that it tests.
    public var rule: String
    /// What became of its tests, in the order of the file.
    public var verdicts: [TestVerdict]
    /// How long they took, seconds.
    public var seconds: Double
    /// Why nothing of it was run, nil when something was; with file and line.
    public var problem: String?

    /// A file whose tests were run.
    public init(
      path: String, rule: String, verdicts: [TestVerdict], seconds: Double, problem: String? = nil
    ) {
      self.path = path
      self.rule = rule
      self.verdicts = verdicts
      self.seconds = seconds
      self.problem = problem
    }
  }

  /// In rule order.
  public var files: [File]

  /// A report about these.
  public init(files: [File]) { self.files = files }

  /// All verdicts.
  public var verdicts: [TestVerdict] { files.flatMap(\.verdicts) }
  /// How many tests passed.
  public var passed: Int { verdicts.count { $0.isPassed } }
  /// How many did not.
  public var failed: Int { verdicts.count { !$0.isPassed } }
  /// Whether every test passed and every file could be run.
  public var isPassed: Bool { failed == 0 && files.allSatisfy { $0.problem == nil } }

  /// The last line: `31 passed, 2 failed in 0.21 s`.
  public var summary: String {
    let misses = verdicts.reduce(0) { $0 + $1.notes.count }
    let known = misses > 0 ? ", \(misses) known \(misses == 1 ? "miss" : "misses")" : ""
    let problems = files.count { $0.problem != nil }
    let bad = problems > 0 ? ", \(problems) not run" : ""
    return "\(passed) passed, \(failed) failed\(known)\(bad)"
  }
}
