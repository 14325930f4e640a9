/// A test that notices a mutant that no test noticed.
public struct BoundarySuggestion: Sendable {
  /// The mutant.
  public var mutant: Mutant
  /// The test's name.
  public var name: String { test.name }
  /// The test, as it comes to stand in the file.
  public var appendix: TestAppendix

  private let test: RuleTest

  /// Whether the same test notices another mutant.
  public func notices(_ other: Mutant, of subject: RuleMutationSubject) -> Bool {
    MutantJudge(subject, other).tells(test)
  }

  private init(mutant: Mutant, appendix: TestAppendix, test: RuleTest) {
    self.mutant = mutant
    self.appendix = appendix
    self.test = test
  }

  /// Looks for one that fits behind the tests of a file; throws why there is none.
  public static func find(
    for mutant: Mutant, of subject: RuleMutationSubject, file: String, path: String,
    recordings: RuleTestFile.Recordings
  ) throws(BoundarySolver.Unsolved) -> BoundarySuggestion {
    var solver = BoundarySolver(subject)
    let test = try solver.solve(mutant)
    let judge = MutantJudge(subject, mutant)
    let appendix = TestAppendix(
      test, to: file, path: path, recordings: recordings, accepts: { judge.tells($0) })
    guard let appendix else {
      throw BoundarySolver.Unsolved(
        reason: "a flow was found that cannot be written at the end of \(path): keep tests the last key in it"
      )
    }
    return BoundarySuggestion(mutant: mutant, appendix: appendix, test: test)
  }
}
