import COrderFlow

/// The field conditions of a `where`, laid out so that testing an order touches no reference count.
struct ConditionList: ~Copyable {
  private enum Step {
    case atLeast(OrderField, Int64)
    case atMost(OrderField, Int64)
    case equals(OrderField, Int64)
    /// Longer tests, by their place in `others`.
    case other(Int)
  }

  private let steps: UnsafeMutableBufferPointer<Step>
  private let others: [Condition]

  /// Takes the conditions on fields out of `conditions`.
  init(_ conditions: [Condition]) {
    var steps: [Step] = []
    var others: [Condition] = []
    for condition in conditions {
      guard case .field(let field) = condition.subject else { continue }
      switch condition.test {
      case .atLeast(_, let bound): steps.append(.atLeast(field, bound))
      case .atMost(_, let bound): steps.append(.atMost(field, bound))
      case .oneOf(let codes) where codes.count == 1: steps.append(.equals(field, codes[0]))
      default:
        steps.append(.other(others.count))
        others.append(condition)
      }
    }
    self.steps = .allocate(capacity: steps.count)
    _ = self.steps.initialize(from: steps)
    self.others = others
  }

  deinit { steps.deallocate() }

  /// Whether every condition lets the order through.
  @inline(__always)
  func admits(_ order: UnsafePointer<bb_order>) -> Bool {
    for step in steps {
      switch step {
      case .atLeast(let field, let bound): if field.word(order) < bound { return false }
      case .atMost(let field, let bound): if field.word(order) > bound { return false }
      case .equals(let field, let code): if field.word(order) != code { return false }
      case .other(let place): if !others[place].admits(order) { return false }
      }
    }
    return true
  }
}
