import COrderFlow
import CRuleVM

/// Counts what the conditions of a rule's header say of the orders that it is given.
final class ConditionCounter {
  private let conditions: [Condition]
  private var counts: [RuleCounts.Condition] = []
  private let probes: Int

  /// Counts the conditions of a header, of a rule with so many probes.
  init(_ header: RuleHeader, probes: Int) {
    self.probes = probes
    var conditions: [Condition] = []
    var counts: [RuleCounts.Condition] = []
    func add(_ more: [Condition], at place: RuleCounts.Place) {
      conditions += more
      counts += more.map { .init(place: place, subject: ConditionCounter.subject($0, header)) }
    }
    add(header.conditions, at: .rule)
    for window in header.windows { add(window.conditions, at: .window(window.name)) }
    for sequence in header.sequences {
      for step in sequence.elements {
        add(step.conditions, at: .step(sequence: sequence.name, name: step.name))
      }
    }
    self.conditions = conditions
    self.counts = counts
  }

  private static func subject(_ condition: Condition, _ header: RuleHeader) -> String {
    switch condition.subject {
    case .field(let field): field.name
    case .aggregate(let window, let number):
      header.windows[window].name + "." + header.windows[window].aggregates[number].name
    }
  }

  /// Counts what the conditions say of an order that the windows have taken or left.
  func note(
    _ order: UnsafePointer<bb_order>, _ windows: UnsafeMutablePointer<Window>,
    _ symbols: UnsafeMutablePointer<SymbolTable>
  ) {
    for (place, condition) in conditions.enumerated() {
      let passes: Bool
      switch condition.subject {
      case .field: passes = condition.admits(order)
      case .aggregate(let window, let number):
        let slot = windows[window].current
        if slot < 0 { continue }
        passes = condition.passes(windows[window].value(number, of: slot, symbols: symbols.pointee))
      }
      counts[place].count.seen &+= 1
      if passes { counts[place].count.truths &+= 1 }
    }
  }

  /// What was counted, the VM's probes included; all then begin at nought.
  func take(from vm: OpaquePointer) -> RuleCounts {
    var raw = [crv_probe_count](repeating: crv_probe_count(seen: 0, truths: 0), count: probes)
    let count = crv_take_probe_counts(vm, &raw, probes)
    let taken = RuleCounts(
      probes: raw.prefix(count).map { .init(seen: $0.seen, truths: $0.truths) }, conditions: counts)
    for place in counts.indices { counts[place].count = RuleCounts.Count() }
    return taken
  }
}
