/// The conditions of a rule on its windows' aggregates, laid out like `ConditionList`.
struct GroupTests: ~Copyable {
  private struct Step {
    var window: Int
    var aggregate: Int
    /// Bounds for exact integers; `condition` has the general test.
    var least: Int128
    var most: Int128
    var condition: Int
  }

  private let steps: UnsafeMutableBufferPointer<Step>
  private let conditions: [Condition]

  /// Takes the conditions on aggregates out of `conditions`.
  init(_ conditions: [Condition]) {
    var steps: [Step] = []
    for (place, condition) in conditions.enumerated() {
      guard case .aggregate(let window, let aggregate) = condition.subject else { continue }
      var step = Step(window: window, aggregate: aggregate, least: .min, most: .max, condition: place)
      switch condition.test {
      case .atLeast(_, let bound): step.least = Int128(bound)
      case .atMost(_, let bound): step.most = Int128(bound)
      case .oneOf(let values) where values.count == 1:
        step.least = Int128(values[0])
        step.most = Int128(values[0])
      default: step.window = -1 - window
      }
      steps.append(step)
    }
    self.steps = .allocate(capacity: steps.count)
    _ = self.steps.initialize(from: steps)
    self.conditions = conditions
  }

  deinit { steps.deallocate() }

  /// Whether every window took the order and its group passes.
  @inline(__always)
  func pass(_ windows: UnsafeMutablePointer<Window>, _ symbols: UnsafeMutablePointer<SymbolTable>) -> Bool {
    for step in steps {
      let isGeneral = step.window < 0
      let window = windows + (isGeneral ? -1 - step.window : step.window)
      let slot = window.pointee.current
      if slot < 0 { return false }
      if !isGeneral, let value = window.pointee.exact(step.aggregate, of: slot) {
        if value < step.least || value > step.most { return false }
      } else if !conditions[step.condition].passes(
        window.pointee.value(step.aggregate, of: slot, symbols: symbols.pointee))
      {
        return false
      }
    }
    return true
  }
}
