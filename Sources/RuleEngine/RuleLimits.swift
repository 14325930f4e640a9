import CRuleVM

/// What a rule may use of the machine; breaking one of these ends the call, whatever the rule catches.
public struct RuleLimits: Equatable, Sendable {
  /// Memory of a rule in all, bytes.
  public var memory: Int
  /// A single string or table, bytes.
  public var allocation: Int
  /// Steps inside string and table functions, a call.
  public var steps: UInt64
  /// CPU time of a call, milliseconds.
  public var callMilliseconds: UInt32
  /// CPU time of loading the file, milliseconds.
  public var loadMilliseconds: UInt32
  /// Signals of one event.
  public var signalsPerEvent: UInt32
  /// JSON of a signal's `data`, bytes.
  public var signalData: UInt32

  /// The limits that the rule contract names.
  public init() {
    let standard = crv_default_limits()
    memory = standard.memory_limit
    allocation = standard.allocation_limit
    steps = standard.step_limit
    callMilliseconds = standard.call_budget_ms
    loadMilliseconds = standard.load_budget_ms
    signalsPerEvent = standard.signals_per_event
    signalData = standard.data_limit
  }

  var caps: crv_limits {
    crv_limits(
      memory_limit: memory, allocation_limit: allocation, step_limit: steps, call_budget_ms: callMilliseconds,
      load_budget_ms: loadMilliseconds, signals_per_event: signalsPerEvent, data_limit: signalData)
  }
}
