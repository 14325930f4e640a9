/// What came of all mutants of a rule.
public struct MutationReport: Equatable, Sendable {
  /// One mutant and what the tests made of it.
  public struct Result: Equatable, Sendable {
    /// The mutant.
    public var mutant: Mutant
    /// What the tests made of it.
    public var outcome: MutationOutcome

    /// Whether no test noticed it and no comment allows that.
    public var isSurvivor: Bool {
      if case .survived = outcome { return !mutant.isAllowed }
      return false
    }
  }

  /// The rule's id.
  public var rule: String
  /// Its text.
  public var source: [UInt8]
  /// How many tests it has.
  public var tests: Int
  /// By place in the text.
  public var results: [Result]

  /// Mutants that a test noticed.
  public var killed: Int {
    results.count { result in
      switch result.outcome {
      case .killed, .overtime: true
      default: false
      }
    }
  }

  /// Those that no test noticed, and that no comment allows.
  public var survivors: [Result] { results.filter(\.isSurvivor) }

  /// Those that no test noticed, where a comment says why.
  public var allowed: Int {
    results.count { result in
      if case .survived = result.outcome { return result.mutant.isAllowed }
      return false
    }
  }

  /// Those that do not load.
  public var invalid: Int {
    results.count { result in
      if case .invalid = result.outcome { return true }
      return false
    }
  }

  /// The noticed part of those that count.
  public var score: MutationScore { MutationScore(killed: killed, survived: survivors.count) }
}
