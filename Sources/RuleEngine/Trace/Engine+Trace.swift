public import COrderFlow
import CRuleVM
import OrderFlow

extension Engine {
  /// Begins to note what an instrumented rule does; the next event is the one to be looked at.
  ///
  /// `despiteConditions` calls on_order even when the rule's `where` does not let the order through. False when
  /// there is no such rule, or there are more forcings than a VM takes.
  public func beginTrace(
    of rule: String, forcing: [ProbeForcing] = [], despiteConditions: Bool = false
  ) -> Bool {
    guard let runner = runners.first(where: { $0.id == rule }) else { return false }
    for forced in forcing {
      let forced = crv_forcing(
        probe: UInt32(clamping: forced.probe), occurrence: UInt32(clamping: forced.occurrence),
        truth: forced.truth ? 1 : 0)
      if Int(crv_force(runner.vm, forced)) != CRV_OK { return false }
    }
    runner.recorder = CallRecorder()
    runner.isCalledAnyway = despiteConditions
    crv_record(runner.vm, 1)
    return true
  }

  /// Ends it and says what the rule did. `order` is the event as the engine left it, nil when it was no order.
  public func endTrace(of rule: String, at order: UnsafePointer<bb_order>?) -> EventTrace {
    var trace = EventTrace()
    guard let runner = runners.first(where: { $0.id == rule }), let recorder = runner.recorder else {
      return trace
    }
    if let order {
      trace.conditions = runner.header.conditions.map { runner.outcome($0, order) }
      trace.windows = (0..<runner.windowCount).map { runner.outcome(window: $0, order) }
    }
    trace.calls = recorder.calls(of: runner.vm, isTruncated: &trace.isTruncated)
    trace.isQuarantined = runner.isQuarantined
    runner.recorder = nil
    runner.isCalledAnyway = false
    return trace
  }

  /// What a rule counted since it was loaded or last asked; nil when there is no such rule, or its text is not one
  /// that counts.
  ///
  /// To be asked before a swap: the rule that comes in counts from nought.
  public func takeCounts(of rule: String) -> RuleCounts? {
    guard let runner = runners.first(where: { $0.id == rule }) else { return nil }
    return runner.counter?.take(from: runner.vm)
  }

  /// What a rule declares, for those who explain it; nil when there is no such rule.
  public func declarations(of rule: String) -> RuleDeclarations? {
    runners.first { $0.id == rule }.map { RuleDeclarations($0.header) }
  }
}

extension RuleRunner {
  fileprivate func outcome(_ condition: Condition, _ order: UnsafePointer<bb_order>) -> ConditionOutcome {
    switch condition.subject {
    case .field(let field): ConditionOutcome(condition, field: field, order)
    case .aggregate(let window, let number): outcome(condition, window, number)
    }
  }

  private func outcome(_ condition: Condition, _ window: Int, _ number: Int) -> ConditionOutcome {
    let definition = header.windows[window]
    let isWhole = definition.kind(of: number) == .integer
    var outcome = ConditionOutcome(
      subject: definition.name + "." + definition.aggregates[number].name, unit: definition.unit(of: number),
      value: .nil, test: .init(condition.test, isWhole: isWhole, codes: []), passes: false)
    let slot = windows[window].current
    if slot < 0 { return outcome }
    let value = windows[window].value(number, of: slot, symbols: symbols.pointee)
    switch value {
    case .integer(let value): outcome.value = .integer(value)
    case .number(let value): outcome.value = .number(value)
    default: break
    }
    outcome.passes = condition.passes(value)
    return outcome
  }

  fileprivate func outcome(window: Int, _ order: UnsafePointer<bb_order>) -> EventTrace.WindowOutcome {
    let definition = header.windows[window]
    let slot = windows[window].current
    return EventTrace.WindowOutcome(
      name: definition.name,
      conditions: definition.conditions.compactMap { condition in
        guard case .field(let field) = condition.subject else { return nil }
        return ConditionOutcome(condition, field: field, order)
      },
      group: slot < 0 ? nil : snapshot(window, slot))
  }
}
