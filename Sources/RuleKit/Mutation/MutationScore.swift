/// The part of the mutants that tests notice.
public struct MutationScore: Equatable, Sendable {
  /// Noticed.
  public var killed: Int
  /// Not noticed.
  public var survived: Int

  /// Counts that belong together.
  public init(killed: Int, survived: Int) {
    self.killed = killed
    self.survived = survived
  }

  /// The sum of two.
  public static func + (left: MutationScore, right: MutationScore) -> MutationScore {
    MutationScore(killed: left.killed + right.killed, survived: left.survived + right.survived)
  }

  /// How many count.
  public var total: Int { killed + survived }

  /// Tenths of a percent, rounded down: 1000 is reached only when all are noticed, or there are none.
  public var perMille: Int { total == 0 ? 1000 : killed * 1000 / total }

  /// `97.5 %`
  public var text: String { "\(perMille / 10).\(perMille % 10) %" }

  /// Whether it is at least so many percent.
  public func reaches(percent: Int) -> Bool { killed * 100 >= percent * total }
}
