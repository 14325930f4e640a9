/// What prices did after a group of signals.
public struct OutcomeSummary: Equatable, Sendable {
  /// How many signals have a price at them, one later, and a side.
  public var count: Int
  /// How many of the prices went the way of the signal's side.
  public var inFavour: Int
  /// The median move in micro-dollars; of an even number of moves the lower of the two in the middle.
  public var median: Int64
  /// The mean move in micro-dollars, rounded towards zero.
  public var mean: Int64

  /// Sums up the moves, nil without any.
  public init?(_ moves: [Int64]) {
    if moves.isEmpty { return nil }
    let sorted = moves.sorted()
    count = moves.count
    inFavour = moves.count { $0 > 0 }
    median = sorted[(sorted.count - 1) / 2]
    // Prices are between 0 and 1 dollars; a sum that does not fit is of no market.
    let sum = moves.reduce(Int128(0)) { $0 + Int128($1) }
    mean = Int64(sum / Int128(moves.count))
  }
}

extension DiffReport.Group {
  /// What prices did after its signals, nil when none has a price.
  public var summary: OutcomeSummary? { OutcomeSummary(differences.compactMap(\.outcome?.move)) }
}
