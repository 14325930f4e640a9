public import OrderFlow

/// A signal with the order of the batch it belongs to.
public struct EmittedSignal: Sendable {
  /// The signal.
  public var signal: Signal
  /// Place of its order in the batch.
  public var index: Int32
  /// From this clock on nothing can be folded into it any more, ms; `Int64.min` when nothing ever can.
  public var settlesAt: Int64
  /// Identity of the order that triggered it, nil without an order.
  public var identity: Digest128?
}

/// What the rules made of one batch.
public struct EngineOutput: Sendable {
  /// How many orders of the batch reached the rules; they stand at its front.
  public var orderCount = 0
  /// New signals in the order of events, then rules, then emission.
  public var signals: [EmittedSignal] = []
  /// Signals that stand for more repeats than before, with their new count, oldest first.
  public var folds: [(id: Digest128, count: Int64)] = []
  /// Errors and kills of rules.
  public var failures: [RuleFailure] = []

  /// Nothing yet.
  public init() {}

  mutating func removeAll() {
    orderCount = 0
    signals.removeAll(keepingCapacity: true)
    folds.removeAll(keepingCapacity: true)
    failures.removeAll(keepingCapacity: true)
  }
}
