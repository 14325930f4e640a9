import OrderFlow
import RuleEngine

/// Looks for a flow that tells a rule from a mutant of one of its comparisons: a test's flow with one order's
/// size, price or time changed, so that what is compared sits exactly on the bound.
public struct BoundarySolver {
  /// Why nothing was found, in one line.
  public struct Unsolved: Error, Equatable, Sendable {
    /// The reason.
    public var reason: String
  }

  let subject: RuleMutationSubject
  /// Runs that are left for the mutant at hand.
  private var runs = 0

  /// Runs for one mutant.
  private static let budget = 4000
  /// Longer flows are no tables that people read.
  private static let mostEvents = 60
  /// Copies of an order that are added to make a count.
  private static let mostCopies = 20

  /// A solver for the mutants of a rule.
  public init(_ subject: RuleMutationSubject) { self.subject = subject }

  /// A test that passes with the rule, and fails with the mutant. Its marks say what the rule does.
  public mutating func solve(_ mutant: Mutant) throws(Unsolved) -> RuleTest {
    guard mutant.hasBound else {
      throw Unsolved(reason: "only comparisons and amounts have a bound to sit on")
    }
    guard let rule = subject.instrumented, rule.depth == .full else {
      throw Unsolved(reason: "the rule is too close to the limits of Lua to be watched")
    }
    runs = BoundarySolver.budget
    let judge = MutantJudge(subject, mutant)
    var isCompared = false
    var fallback: RuleTest?
    for test in subject.ruleTests where isUsable(test) {
      for spot in spots(of: mutant, test, rule) {
        isCompared = true
        for offset in mutant.kind == .boundary ? [Int64(0)] : [0, -1, 1] {
          for candidate in candidates(spot, offset, test, rule) {
            guard let solved = judge.test(candidate.events, upTo: candidate.event, of: test) else { continue }
            if candidate.isNice { return solved }
            fallback = fallback ?? solved
          }
          if let fallback { return fallback }
          if runs <= 0 { throw Unsolved(reason: "the search took too long") }
        }
      }
    }
    throw Unsolved(
      reason: isCompared
        ? "no order's size, price or time brings what is compared to the bound, or the rule then says the same"
        : "no table test gets to a comparison of whole numbers with it")
  }

  private func isUsable(_ test: RuleTest) -> Bool {
    test.isTable && test.injections.isEmpty && test.events.count <= BoundarySolver.mostEvents
  }

  // MARK: Where it is compared

  /// A comparison at an event of a test.
  struct Spot {
    var event: Int
    var key: ComparisonReading.Key
    /// How far the value was from the bound.
    var distance: UInt64
  }

  /// Where the mutant's comparison is made, nearest to the bound first; for an amount, any comparison.
  private mutating func spots(of mutant: Mutant, _ test: RuleTest, _ rule: InstrumentedRule) -> [Spot] {
    var watched = subject.runner
    watched.instrumented = rule.source
    var found: [Spot] = []
    let declarations = try? subject.runner.trace(test, at: -1, forcing: []).declarations
    _ = try? watched.run(test) { event, trace in
      guard let event else { return }
      for reading in ComparisonReading.all(in: trace, of: rule, declarations ?? nil)
      where reading.key.matches(mutant, rule.chunk) {
        found.append(Spot(event: event, key: reading.key, distance: reading.distance.magnitude))
      }
    }
    runs -= 2
    found.sort { ($0.distance, $0.event) < ($1.distance, $1.event) }
    var seen: [ComparisonReading.Key: Int] = [:]
    return found.filter { spot in
      seen[spot.key, default: 0] += 1
      return seen[spot.key] ?? 0 <= 2
    }
  }

  // MARK: How to move it

  /// A flow in which the value sits where it should at an event.
  struct Candidate {
    var events: [TestEvent]
    var event: Int
    /// Whether people would write such numbers.
    var isNice: Bool
  }

  private mutating func candidates(
    _ spot: Spot, _ offset: Int64, _ test: RuleTest, _ rule: InstrumentedRule
  ) -> [Candidate] {
    var found: [Candidate] = []
    let orders = test.orders.filter { $0 <= spot.event }.suffix(4).reversed()
    for order in orders {
      for knob in FlowKnob.all(at: order, in: test.events) {
        guard runs > 0 else { return found }
        guard let value = turn(knob, spot, offset, test, rule) else { continue }
        let candidate = Candidate(
          events: knob.turned(to: value, in: test.events), event: spot.event, isNice: knob.isNice(value))
        if candidate.isNice { return [candidate] + found }
        found.append(candidate)
      }
    }
    if let counted = copies(spot, offset, test, rule) { found.append(counted) }
    return found
  }

  /// The distance from the bound, and the offset taken off, with a changed flow; nil when nothing is compared.
  private mutating func distance(
    _ events: [TestEvent], _ event: Int, _ spot: Spot, _ offset: Int64, _ test: RuleTest,
    _ rule: InstrumentedRule
  ) -> Int64? {
    runs -= 1
    var changed = test
    changed.events = events
    var watched = subject.runner
    watched.instrumented = rule.source
    guard let (trace, declarations) = try? watched.trace(changed, at: event, forcing: []) else { return nil }
    let readings = ComparisonReading.all(in: trace, of: rule, declarations)
    guard let reading = readings.last(where: { $0.key == spot.key }) else { return nil }
    let (rest, isOverflow) = reading.distance.subtractingReportingOverflow(offset)
    return isOverflow ? nil : rest
  }

  /// Where a knob has to stand, by bisection: it is taken to move the value one way.
  private mutating func turn(
    _ knob: FlowKnob, _ spot: Spot, _ offset: Int64, _ test: RuleTest, _ rule: InstrumentedRule
  ) -> Int64? {
    func at(_ value: Int64, _ solver: inout BoundarySolver) -> Int64? {
      solver.distance(
        knob.turned(to: value, in: test.events), spot.event, spot, offset, test, rule)
    }
    var (low, high) = (knob.range.lowerBound, knob.range.upperBound)
    let ends = (at(low, &self), at(high, &self))
    if ends.0 == 0 { return low }
    if ends.1 == 0 { return high }
    let isRising = (ends.1 ?? .min) > (ends.0 ?? .min)
    guard (isRising ? ends.1 : ends.0) ?? -1 > 0 else { return nil }
    // What is not compared at all counts as too little.
    while high - low > 1, runs > 0 {
      let middle = low + (high - low) / 2
      let isEnough = (at(middle, &self) ?? -1) >= 0
      if isEnough == isRising { high = middle } else { low = middle }
    }
    let found = isRising ? high : low
    guard at(found, &self) == 0 else { return nil }
    for value in knob.nicer(found) where at(value, &self) == 0 { return value }
    return found
  }

  /// The flow with more orders like the one at the spot, or with one fewer before it, for what is counted.
  private mutating func copies(
    _ spot: Spot, _ offset: Int64, _ test: RuleTest, _ rule: InstrumentedRule
  ) -> Candidate? {
    guard let order = test.events[spot.event].order else { return nil }
    var events = Array(test.events[...spot.event])
    for number in 0..<BoundarySolver.mostCopies where runs > 0 {
      if number > 0 {
        var copy = order
        copy.time += Int64(number) * 1000
        copy[.txHash] = (order[.txHash] ?? "0x") + "\(number)"
        copy[.orderHash] = order[.orderHash].map { $0 + "\(number)" }
        events.append(TestEvent(.order(copy)))
      }
      let last = events.count - 1
      guard let rest = distance(events, last, spot, offset, test, rule) else { continue }
      if rest == 0 { return Candidate(events: events, event: last, isNice: true) }
      if rest > 0 { break }
    }
    for earlier in test.orders where earlier < spot.event && runs > 0 {
      var fewer = Array(test.events[...spot.event])
      fewer.remove(at: earlier)
      if distance(fewer, spot.event - 1, spot, offset, test, rule) == 0 {
        return Candidate(events: fewer, event: spot.event - 1, isNice: true)
      }
    }
    return nil
  }
}
