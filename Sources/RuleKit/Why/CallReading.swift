public import RuleEngine

/// What one call of a hook did, read from its probes.
public struct CallReading: Sendable {
  /// A condition as it was tested.
  struct Test {
    var clause: Int
    var part: Int
    var forcing: ProbeForcing
    /// What the part was taken for.
    var truth: Bool
    /// What the clause was if this part decided about it.
    var outcome: Bool
    var check: Check
  }

  /// How often each line was executed, by line.
  public private(set) var lines: [Int: Int] = [:]
  /// The lines of all text of functions that ran.
  public private(set) var functions: [ClosedRange<Int>] = []
  /// The comparisons and conditions, in order.
  public private(set) var checks: [Check] = []
  private(set) var tests: [Test] = []
  /// The line of the last `return` that was executed, nil when the hook ran to its end.
  public private(set) var lastReturn: Int?

  private var counts: [Int: Int] = [:]
  private let rule: InstrumentedRule
  private let units: UnitGuess
  private var pending: [LuaExpression.ID: Check.Side] = [:]
  private var ran: Set<LuaFunction.ID> = []

  /// Reads call number `call` of a trace; `forcing` is what was forced in the run.
  public init(
    _ trace: EventTrace, call: Int, of rule: InstrumentedRule, declarations: RuleDeclarations?,
    forcing: [ProbeForcing] = []
  ) {
    self.rule = rule
    units = UnitGuess(rule.chunk, declarations)
    let forced = Dictionary(forcing.map { ([$0.probe, $0.occurrence], $0.truth) }) { $1 }
    var seen: [Int: Int] = [:]
    for (number, made) in trace.calls.enumerated() where number <= call {
      for point in made.points {
        seen[point.probe, default: 0] += 1
        guard number == call, rule.probes.indices.contains(point.probe) else { continue }
        let occurrence = seen[point.probe] ?? 1
        read(point, occurrence, forced: point.isForced ? forced[[point.probe, occurrence]] : nil)
      }
    }
    functions = ran.map { id in
      let function = rule.chunk[id]
      let last = function.range.isEmpty ? function.range.lowerBound : function.range.upperBound - 1
      return function.line...max(function.line, rule.chunk.line(of: last))
    }.sorted { $0.lowerBound < $1.lowerBound }
  }

  private mutating func read(_ point: EventTrace.Point, _ occurrence: Int, forced: Bool?) {
    let probe = rule.probes[point.probe]
    ran.insert(probe.function)
    switch probe.kind {
    case .entry, .branch, .choice: break
    case .line(let isReturn):
      // Several statements can stand in a line.
      counts[point.probe, default: 0] += 1
      lines[probe.line] = max(lines[probe.line] ?? 0, counts[point.probe] ?? 0)
      lastReturn = isReturn ? probe.line : nil
    case .operand(let comparison, let isLeft):
      guard let expression = probe.expression else { return }
      take(side(expression, point.value), of: comparison, isLeft: isLeft)
    case .test(let clause, let part, let isNegated):
      guard let expression = probe.expression else { return }
      let truth = forced ?? point.value.isTrue
      var check = Check(
        line: probe.line, left: side(expression, point.value), comparison: nil, right: nil,
        outcome: point.value.isTrue)
      if let last = checks.last, last.comparison != nil, lastComparison == expression {
        check = last
        checks.removeLast()
        check.outcome = point.value.isTrue
      }
      check.forced = forced
      checks.append(check)
      tests.append(
        Test(
          clause: clause, part: part,
          forcing: ProbeForcing(probe: point.probe, occurrence: occurrence, truth: !truth), truth: truth,
          outcome: truth != isNegated, check: check))
    }
  }

  private var lastComparison: LuaExpression.ID?

  private mutating func take(_ side: Check.Side, of comparison: LuaExpression.ID, isLeft: Bool) {
    guard case .binary(let operation, let left, let right) = rule.chunk[comparison].kind else { return }
    if isLeft, literal(right) == nil {
      pending[comparison] = side
      return
    }
    let first = isLeft ? side : pending.removeValue(forKey: comparison) ?? self.side(left, literal(left))
    let second = isLeft ? self.side(right, literal(right)) : side
    var check = Check(
      line: rule.chunk[comparison].line, left: first, comparison: operation.rawValue, right: second)
    CallReading.shareUnit(&check)
    check.outcome = CallReading.outcome(first.value, operation, second.value)
    checks.append(check)
    lastComparison = comparison
  }

  /// What is compared counts the same.
  private static func shareUnit(_ check: inout Check) {
    guard var right = check.right else { return }
    if check.left.unit == .plain { check.left.unit = right.unit }
    if right.unit == .plain { right.unit = check.left.unit }
    check.right = right
  }

  private func side(_ expression: LuaExpression.ID, _ value: ProbeValue?) -> Check.Side {
    let range = rule.chunk[expression].range
    return Check.Side(
      text: rule.chunk.excerpt(range), value: value, unit: units.unit(of: expression),
      isBound: literal(expression) != nil || units.isParameter(expression),
      isLiteral: literal(expression) != nil)
  }

  private func literal(_ expression: LuaExpression.ID) -> ProbeValue? {
    switch rule.chunk[expression].kind {
    case .nil: .nil
    case .true: .boolean(true)
    case .false: .boolean(false)
    case .integer(let value): .integer(value)
    case .float(let value): .number(value)
    case .string(let bytes): .text(String(decoding: bytes.prefix(200), as: UTF8.self), count: bytes.count)
    default: nil
    }
  }

  private static func outcome(
    _ left: ProbeValue?, _ operation: LuaBinaryOperator, _ right: ProbeValue?
  ) -> Bool? {
    guard let left, let right else { return nil }
    if case .integer(let a) = left, case .integer(let b) = right { return compare(a, operation, b) }
    if let a = left.number, let b = right.number { return compare(a, operation, b) }
    if case .text(let a, let countA) = left, case .text(let b, let countB) = right {
      if a.utf8.count < countA || b.utf8.count < countB { return nil }
      switch operation {
      case .equal: return a == b
      case .notEqual: return a != b
      default: return nil
      }
    }
    switch (left, right) {
    case (.table, .table), (.other, .other): return nil
    default:
      let isEqual = left == right
      return operation == .equal ? isEqual : operation == .notEqual ? !isEqual : nil
    }
  }

  private static func compare<Number: Comparable>(
    _ left: Number, _ operation: LuaBinaryOperator, _ right: Number
  ) -> Bool? {
    switch operation {
    case .equal: left == right
    case .notEqual: left != right
    case .less: left < right
    case .lessOrEqual: left <= right
    case .greater: left > right
    case .greaterOrEqual: left >= right
    default: nil
    }
  }
}
