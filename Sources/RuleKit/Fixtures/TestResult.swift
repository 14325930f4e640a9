public import OrderFlow
public import RuleEngine

/// What a rule did in a run of a test.
public struct TestResult: Sendable {
  /// A signal, and the event on which it came.
  public struct Said: Sendable {
    /// Place of the event in the test's flow; nil when it came on something that was injected.
    public var event: Int?
    /// The signal, with its final count of repeats.
    public var signal: Signal
  }

  /// Signals in the order in which they came.
  public internal(set) var signals: [Said] = []
  /// Events on which a repeat was folded, one entry a repeat.
  public internal(set) var folds: [Int?] = []
  /// Errors and kills of the rule, with the event.
  public internal(set) var failures: [(event: Int?, failure: RuleFailure)] = []
  /// Orders that arrived late.
  public internal(set) var late: Set<Int> = []
  /// Orders of the flow that are repeats of earlier ones.
  public internal(set) var repeats: [Int] = []
  /// What a rule counted that was instrumented for coverage; one a time that it was loaded.
  public internal(set) var counts: [RuleCounts] = []
  /// What the rule printed.
  public internal(set) var log = ""
  /// Places of the orders by the engine's number.
  private var events: [Int64: Int] = [:]
  private var places: [Digest128: Int] = [:]

  mutating func note(seq: Int64, event: Int, isLate: Bool) {
    events[seq] = event
    if isLate { late.insert(event) }
  }

  mutating func take(_ output: EngineOutput, of rule: String, at event: Int?) {
    for emitted in output.signals where emitted.signal.rule == rule {
      places[emitted.signal.id] = signals.count
      signals.append(Said(event: event, signal: emitted.signal))
    }
    for (id, count) in output.folds {
      guard let place = places[id] else { continue }
      let more = Int(clamping: count - signals[place].signal.foldCount)
      folds += Array(repeating: event, count: max(0, min(more, 64)))
      signals[place].signal.foldCount = count
    }
    failures += output.failures.filter { $0.rule == rule }.map { (event, $0) }
  }

  mutating func add(_ counts: RuleCounts?) {
    if let counts { self.counts.append(counts) }
  }

  /// The place in the flow of an order by the engine's number.
  public func event(of seq: Int64) -> Int? { events[seq] }
}
