import COrderFlow
public import Journal
public import OrderFlow
public import RuleEngine

/// One event of a journal, run again through one rule, with everything in front of it that the rule remembers.
///
/// Each run is made from nothing: a fresh engine, the journal's own events up to this one. So a run with forced
/// conditions leaves nothing behind, neither in `state` nor in the variables of the rule's file.
public struct EventRerun {
  /// What a run showed.
  public struct Outcome {
    /// What the rule did at the event.
    public var trace: EventTrace
    /// The signals that the event gave.
    public var signals: [Signal]
    /// The errors of the rule at the event.
    public var failures: [RuleFailure]
    /// The order, nil when the event is none.
    public var order: OrderFacts?
    /// What the rule's header says.
    public var declarations: RuleDeclarations?
    /// How many events there were in front of it that the rule might remember.
    public var before: Int64 = 0
    /// How many of them the journal does not hold.
    public var missing: Int64 = 0
  }

  /// Why there is nothing to run.
  public struct Missing: Error, CustomStringConvertible {
    /// One sentence for the user.
    public var description: String

    /// With a reason.
    public init(description: String) { self.description = description }
  }

  private let reader: JournalReader
  private let sources: RuleSources
  private let rule: String
  private let seq: Int64
  private let source: InstrumentedSource
  private let hasMemory: Bool
  /// The rule, and those that it hears, whoever they hear themselves included.
  private let chain: [String]

  /// Prepares the event `seq`.
  ///
  /// `hasMemory` says that the rule keeps something of its own from event to event: then it runs over all of
  /// the journal up to here. Without it only its windows are filled, from as far back as they reach. A rule that
  /// hears others runs with them, over all of the journal: what they fold now goes by what they said before.
  /// Throws `Engine.Refusal` when one of them does not load.
  public init(
    _ reader: JournalReader, sources: RuleSources, rule: String, seq: Int64, source: InstrumentedSource,
    hasMemory: Bool
  ) throws {
    self.reader = reader
    self.sources = sources
    self.rule = rule
    self.seq = seq
    self.source = source
    chain = try sources.heard(by: rule)
    self.hasMemory = hasMemory || chain.count > 1
  }

  /// Runs it; throws `Engine.Refusal` when the rule does not load, `JournalError`, and `Missing`.
  public func run(forcing: [ProbeForcing] = [], despiteConditions: Bool = false) throws -> Outcome {
    let engine = try makeEngine()
    let warm = WarmStart(reader, end: seq - 1, hasMemory: hasMemory)
    let base = try warm.base(of: [engine])
    try warm.begin(engine, after: base)
    let start = base?.seq ?? 0
    var held: Int64 = 0
    var from = start + 1
    func advance(to end: Int64) throws {
      if from <= end { try reader.readBack(in: from...end, batch: 512) { held += take($0, engine) } }
      from = max(from, end + 1)
    }
    for resumption in try reader.resumptions(before: seq) {
      try advance(to: resumption.seq)
      _ = try engine.resume(resumption.rule)
    }
    try advance(to: seq - 1)
    guard engine.beginTrace(of: rule, forcing: forcing, despiteConditions: despiteConditions) else {
      throw Missing(description: "the rule set has no rule \(rule), or too much is forced")
    }
    var outcome: Outcome?
    try reader.readBack(in: seq...seq, batch: 1) { batch in outcome = look(batch, engine) }
    guard var outcome else {
      throw Missing(
        description:
          "the journal holds no event \(seq): it was never stored (`replay --journal` stores every "
          + "order) or is older than what is kept")
    }
    outcome.before = seq - 1 - start
    outcome.missing = max(0, outcome.before - held)
    return outcome
  }

  private func makeEngine() throws -> Engine {
    var options = Engine.Options()
    options.instrumented[rule] = source
    // Probes take time, and a call that was killed is killed again by its number.
    options.limits.callMilliseconds *= 20
    options.limits.loadMilliseconds *= 20
    for id in chain {
      for kill in try reader.kills(of: id) {
        options.kills.insert(Kill(rule: id, hook: kill.hook, seq: kill.seq))
      }
    }
    options.among = Set(chain)
    return try Engine(sources, options: options)
  }

  /// Brings the engine behind a batch; returns how many events it has.
  private func take(_ batch: StoredBatch, _ engine: Engine) -> Int64 {
    var said = EngineOutput()
    engine.restore(batch, into: &said)
    if case .orders(let orders) = batch { return Int64(orders.count) }
    return 1
  }

  private func look(_ batch: StoredBatch, _ engine: Engine) -> Outcome {
    var output = EngineOutput()
    var order: UnsafePointer<Order>?
    if case .orders(let orders) = batch { order = UnsafePointer(orders.baseAddress) }
    engine.restore(batch, into: &output)
    return Outcome(
      trace: engine.endTrace(of: rule, at: order),
      signals: output.signals.map(\.signal).filter { $0.rule == rule },
      failures: output.failures.filter { $0.rule == rule }, order: order.map { OrderFacts($0) },
      declarations: engine.declarations(of: rule))
  }
}
