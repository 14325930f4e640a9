import OrderFlow
import RuleEngine

/// Changes the flow of a test so that one comparison sits where it is wanted; gives one flow after the other,
/// those first that people would write first.
struct FlowSearch {
  /// A flow, and the event at which the comparison is made.
  struct Candidate {
    var events: [TestEvent]
    var event: Int
    /// Whether people would write such numbers.
    var isNice: Bool
  }

  private let rule: InstrumentedRule
  private let test: RuleTest
  private let spot: BoundarySolver.Spot
  private let offset: Int64
  private let watched: RuleTestRunner
  /// Runs of the rule that are left.
  private(set) var runs: Int
  private var knobs: [FlowKnob]
  private var waiting: [Candidate] = []
  private var isCounted = false

  /// Copies of an order that are added to make a count.
  private static let mostCopies = 20

  init(
    _ subject: RuleMutationSubject, _ rule: InstrumentedRule, _ test: RuleTest, _ spot: BoundarySolver.Spot,
    offset: Int64, runs: Int
  ) {
    self.rule = rule
    self.test = test
    self.spot = spot
    self.offset = offset
    self.runs = runs
    var watched = subject.runner
    watched.instrumented = rule.source
    self.watched = watched
    // The order itself first, then those before it.
    let orders = test.orders.filter { $0 <= spot.event }.suffix(4)
    knobs = orders.flatMap { FlowKnob.all(at: $0, in: test.events).reversed() }
  }

  /// The next flow; nil when there are no more, or no runs are left.
  mutating func next() -> Candidate? {
    while runs > 0 {
      if !waiting.isEmpty { return waiting.removeFirst() }
      if let knob = knobs.popLast() {
        guard let value = turn(knob) else { continue }
        let events = knob.turned(to: value, in: test.events)
        add(Candidate(events: events, event: spot.event, isNice: knob.isNice(value)), turned: knob.event)
      } else if !isCounted {
        isCounted = true
        if let counted = copies() { add(counted, turned: nil) }
      } else {
        return nil
      }
    }
    return nil
  }

  /// The flow, and the same with an order before made much larger: other bounds may stand in the way.
  private mutating func add(_ candidate: Candidate, turned: Int?) {
    waiting.append(candidate)
    let others = candidate.events.indices.filter { place in
      place <= candidate.event && place != turned && candidate.events[place].order != nil
    }
    for place in others.suffix(2).reversed() {
      guard var order = candidate.events[place].order else { continue }
      let (shares, isOverflow) = order.shares.multipliedReportingOverflow(by: 10)
      if isOverflow { continue }
      order.shares = shares
      var larger = candidate
      larger.events[place].kind = .order(order)
      if distance(larger.events, larger.event) == 0 || turned == nil { waiting.append(larger) }
    }
  }

  /// How far the value is from where it is wanted; nil when nothing is compared.
  private mutating func distance(_ events: [TestEvent], _ event: Int) -> Int64? {
    runs -= 1
    var changed = test
    changed.events = events
    guard let (trace, declarations) = try? watched.trace(changed, at: event, forcing: []) else { return nil }
    let readings = ComparisonReading.all(in: trace, of: rule, declarations)
    guard let reading = readings.last(where: { $0.key == spot.reading.key }) else { return nil }
    let (rest, isOverflow) = reading.distance.subtractingReportingOverflow(offset)
    return isOverflow ? nil : rest
  }

  /// Where a knob has to stand, by bisection: it is taken to move the value one way.
  private mutating func turn(_ knob: FlowKnob) -> Int64? {
    func at(_ value: Int64, _ search: inout FlowSearch) -> Int64? {
      search.distance(knob.turned(to: value, in: search.test.events), search.spot.event)
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
  private mutating func copies() -> Candidate? {
    guard let order = test.events[spot.event].order else { return nil }
    var events = Array(test.events[...spot.event])
    for number in 0..<FlowSearch.mostCopies where runs > 0 {
      if number > 0 {
        var copy = order
        copy.time += Int64(number) * 1000
        copy[.txHash] = (order[.txHash] ?? "0x") + "\(number)"
        copy[.orderHash] = order[.orderHash].map { $0 + "\(number)" }
        events.append(TestEvent(.order(copy)))
      }
      let last = events.count - 1
      guard let rest = distance(events, last) else { continue }
      if rest == 0 { return Candidate(events: events, event: last, isNice: true) }
      if rest > 0 { break }
    }
    for earlier in test.orders where earlier < spot.event && runs > 0 {
      var fewer = Array(test.events[...spot.event])
      fewer.remove(at: earlier)
      if distance(fewer, spot.event - 1) == 0 {
        return Candidate(events: fewer, event: spot.event - 1, isNice: true)
      }
    }
    return nil
  }
}
