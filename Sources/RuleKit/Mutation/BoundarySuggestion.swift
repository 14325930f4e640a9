/// A test that notices a mutant that no test noticed.
public struct BoundarySuggestion: Sendable {
  /// There is none, for this reason.
  public struct None: Error, Equatable, Sendable {
    /// In one line.
    public var reason: String
  }

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

  /// Looks for one that fits behind the tests of a file; throws why there is none, in one line.
  public static func find(
    for mutant: Mutant, of subject: RuleMutationSubject, file: String, path: String,
    recordings: RuleTestFile.Recordings
  ) throws(None) -> BoundarySuggestion {
    let known = (try? RuleTestFile.read(file, path: path, recordings: recordings))?.tests.map(\.name) ?? []
    let test: RuleTest
    do throws(BoundarySolver.Unsolved) {
      var solver = try BoundarySolver(subject, mutant, names: Set(known))
      test = try solver.solve()
    } catch {
      throw None(reason: error.reason)
    }
    let judge = MutantJudge(subject, mutant)
    let appendix = TestAppendix(
      test, to: file, path: path, recordings: recordings, accepts: { judge.tells($0) })
    guard let appendix else {
      throw None(
        reason: "a flow was found that cannot be written at the end of \(path): let tests be its last key")
    }
    return BoundarySuggestion(mutant: mutant, appendix: appendix, test: test)
  }
}
