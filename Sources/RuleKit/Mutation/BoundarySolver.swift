import RuleEngine

/// Looks for a flow that tells a rule from a mutant of one of its bounds: a test's flow with one order's size,
/// price or time changed, so that what is compared sits exactly on the bound.
struct BoundarySolver {
  /// Why nothing was found, in one line.
  struct Unsolved: Error, Equatable {
    var reason: String
  }

  private let subject: RuleMutationSubject
  private let rule: InstrumentedRule
  private let mutant: Mutant
  private let judge: MutantJudge
  /// Names that are taken.
  private let names: Set<String>
  /// Runs of the rule that are left.
  private var runs = 4000

  /// Longer flows are no tables that people read.
  private static let mostEvents = 60
  /// Comparisons of a test that are tried, those nearest to the bound.
  private static let mostSpots = 6

  /// Throws when there is nothing to look for.
  init(_ subject: RuleMutationSubject, _ mutant: Mutant, names: Set<String>) throws(Unsolved) {
    guard mutant.hasBound else {
      throw Unsolved(reason: "only comparisons and amounts have a bound to sit on")
    }
    guard let rule = subject.instrumented, rule.depth == .full else {
      throw Unsolved(reason: "the rule is too close to the limits of Lua to be watched")
    }
    self.subject = subject
    self.rule = rule
    self.mutant = mutant
    self.names = names
    judge = MutantJudge(subject, mutant)
  }

  /// A test that passes with the rule, and fails with the mutant. Its marks say what the rule does.
  mutating func solve() throws(Unsolved) -> RuleTest {
    let places = BoundPlaces(mutant, in: rule.chunk)
    if places.comparisons.isEmpty, places.conditions.isEmpty {
      throw Unsolved(reason: "the number is not compared with anything")
    }
    var isCompared = false
    for test in subject.ruleTests where isUsable(test) {
      let spots = spots(in: places, test)
      isCompared = isCompared || !spots.isEmpty
      for spot in spots {
        for offset in offsets(spot.reading.unit) {
          if let found = try solve(spot, offset, test) { return found }
        }
      }
    }
    throw Unsolved(
      reason: isCompared
        ? "no order's size, price or time brings it to the bound in a way that shows"
        : "no table test without injections compares whole numbers there")
  }

  private func isUsable(_ test: RuleTest) -> Bool {
    test.isTable && test.injections.isEmpty && test.events.count <= BoundarySolver.mostEvents
  }

  /// How far from the bound the value has to be: on it, and a little below or above.
  private func offsets(_ unit: ValueUnit) -> [Int64] {
    let little: [Int64] =
      switch unit {
      case .usd: [10_000, 1]
      case .shares: [1_000_000, 1]
      case .duration, .time: [1000, 1]
      case .plain: [1]
      }
    switch mutant.kind {
    case .less: return little.map { -$0 } + [0]
    case .more: return [0] + little
    default: return [0]
    }
  }

  private mutating func solve(_ spot: Spot, _ offset: Int64, _ test: RuleTest) throws(Unsolved) -> RuleTest? {
    var fallback: RuleTest?
    var flows = FlowSearch(subject, rule, test, spot, offset: offset, runs: runs)
    defer { runs = flows.runs }
    while let candidate = flows.next() {
      if let solved = judge.test(candidate, of: test) {
        let named = named(solved, spot, offset)
        if candidate.isNice { return named }
        fallback = fallback ?? named
      }
    }
    if fallback == nil, flows.runs <= 0 { throw Unsolved(reason: "the search took too long") }
    return fallback
  }

  /// `buys.usd exactly $25,000.00`, in a way that no test of the rule is called yet.
  private func named(_ test: RuleTest, _ spot: Spot, _ offset: Int64) -> RuleTest {
    let place = offset == 0 ? "exactly" : offset < 0 ? "just below" : "just above"
    let what = spot.reading.key.left.split(separator: "/").last.map(String.init) ?? ""
    var test = test
    test.name = "\(what) \(place) \(spot.reading.bound)"
    var number = 2
    while names.contains(test.name) {
      test.name = "\(what) \(place) \(spot.reading.bound) (\(number))"
      number += 1
    }
    return test
  }

  // MARK: Where it is compared

  /// A comparison at an event of a test.
  struct Spot {
    var event: Int
    var reading: ComparisonReading
  }

  /// Where one of the comparisons is made, nearest to the bound first.
  private mutating func spots(in places: BoundPlaces, _ test: RuleTest) -> [Spot] {
    var watched = subject.runner
    watched.instrumented = rule.source
    var found: [Spot] = []
    let rule = rule
    let declarations = (try? subject.runner.trace(test, at: -1, forcing: []))?.declarations
    _ = try? watched.run(test) { event, trace in
      guard let event else { return }
      for reading in ComparisonReading.all(in: trace, of: rule, declarations)
      where reading.isIn(places, rule.chunk) {
        found.append(Spot(event: event, reading: reading))
      }
    }
    runs -= 2
    found.sort { ($0.reading.distance.magnitude, $0.event) < ($1.reading.distance.magnitude, $1.event) }
    var seen: [ComparisonReading.Key: Int] = [:]
    let nearest = found.filter { spot in
      seen[spot.reading.key, default: 0] += 1
      return seen[spot.reading.key] ?? 0 <= 2
    }
    return Array(nearest.prefix(BoundarySolver.mostSpots))
  }
}
