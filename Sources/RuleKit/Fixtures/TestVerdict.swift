/// What became of a test.
public struct TestVerdict: Sendable {
  /// One thing that is not as it is due.
  public struct Difference: Sendable {
    /// Place of the event in the flow; nil when it is about the test as a whole.
    public var event: Int?
    /// What is due and what was got: `due high, got nothing`.
    public var message: String
    /// What the rule did there, for people; empty when there is nothing to say.
    public var reasons: [String] = []
    /// What kind it is.
    var kind: Kind

    enum Kind: Equatable {
      case missing, unexpected, other
    }
  }

  /// The test.
  public var test: RuleTest
  /// What the rule did; nil when it could not be run to the end.
  public var result: TestResult?
  /// In the order of the flow; empty when the test passed.
  public var differences: [Difference] = []
  /// What is known to be missing, and what is not missing any more: reported, and no failure.
  public var notes: [Difference] = []

  /// Whether everything is as it is due.
  public var isPassed: Bool { differences.isEmpty }

  /// Adds something that is not as it is due.
  public mutating func add(_ message: String) {
    differences.append(Difference(event: nil, message: message, kind: .other))
  }

  /// Adds what else is not as it is due.
  public mutating func add(_ more: [Difference]) { differences += more }
}
