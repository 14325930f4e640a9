/// How many faults of each kind a flow gets.
public struct FaultCounts: Equatable, Sendable {
  /// The most faults of one flow.
  static let maximum = 1_000_000

  /// The number of each kind; kinds that are missing do not occur.
  public var counts: [Fault: Int]

  /// So many of each kind.
  public init(_ counts: [Fault: Int] = [:]) { self.counts = counts }

  /// `500` spreads that many evenly over the kinds; `drop=20,freeze=5` names them.
  public init(parsing text: String) throws(SimulatorError) {
    counts = [:]
    if let total = Int(text), total >= 0, total <= FaultCounts.maximum {
      let kinds = Fault.allCases
      for (place, kind) in kinds.enumerated() {
        let share = total / kinds.count + (place < total % kinds.count ? 1 : 0)
        if share > 0 { counts[kind] = share }
      }
      return
    }
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let sides = part.split(separator: "=", omittingEmptySubsequences: false)
      let names = Fault.allCases.map(\.rawValue).joined(separator: ", ")
      guard sides.count == 2, let kind = Fault(rawValue: String(sides[0])), let count = Int(sides[1]),
        count >= 0, count <= FaultCounts.maximum
      else {
        throw SimulatorError(
          "faults are a number, or KIND=NUMBER with commas between, not \(part); kinds: \(names)")
      }
      counts[kind] = count
    }
  }

  /// How many there are in all.
  public var total: Int { counts.values.reduce(0, +) }
}
