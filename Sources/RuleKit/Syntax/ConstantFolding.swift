import Glibc

/// Arithmetic on literals as Lua's compiler does it: `2 + 3` takes no register.
enum ConstantFolding {
  /// The outcome of an operator on two numbers; nil when it is left to the run.
  static func fold(
    _ operation: LuaBinaryOperator, _ left: Operand.Place, _ right: Operand.Place
  ) -> Operand.Place? {
    switch operation {
    case .bitAnd, .bitOr, .bitXor, .shiftLeft, .shiftRight:
      guard let a = whole(left), let b = whole(right) else { return nil }
      return .integer(bits(operation, a, b))
    case .add, .subtract, .multiply, .modulo, .floorDivide:
      if case .integer(let a) = left, case .integer(let b) = right {
        return integers(operation, a, b).map { .integer($0) }
      }
      return floats(operation, left, right)
    case .divide, .power: return floats(operation, left, right)
    default: return nil
    }
  }

  /// The outcome of an operator on one number; nil when it is left to the run.
  static func fold(_ operation: LuaUnaryOperator, _ operand: Operand.Place) -> Operand.Place? {
    switch (operation, operand) {
    case (.minus, .integer(let value)): .integer(0 &- value)
    case (.minus, .float(let value)): kept(-value)
    case (.bitNot, _): whole(operand).map { .integer(~$0) }
    default: nil
    }
  }

  private static func whole(_ place: Operand.Place) -> Int64? {
    switch place {
    case .integer(let value): value
    case .float(let value): Int64(exactly: value)
    default: nil
    }
  }

  private static func number(_ place: Operand.Place) -> Double? {
    switch place {
    case .integer(let value): Double(value)
    case .float(let value): value
    default: nil
    }
  }

  private static func bits(_ operation: LuaBinaryOperator, _ a: Int64, _ b: Int64) -> Int64 {
    switch operation {
    case .bitAnd: a & b
    case .bitOr: a | b
    case .bitXor: a ^ b
    case .shiftLeft: shift(a, left: b)
    default: shift(a, left: 0 &- b)
    }
  }

  /// A shift by less than nothing goes the other way; zeros come in from both sides.
  private static func shift(_ value: Int64, left count: Int64) -> Int64 {
    let bits = UInt64(bitPattern: value)
    if count <= -64 || count >= 64 { return 0 }
    return Int64(bitPattern: count >= 0 ? bits << UInt64(count) : bits >> UInt64(-count))
  }

  private static func integers(_ operation: LuaBinaryOperator, _ a: Int64, _ b: Int64) -> Int64? {
    switch operation {
    case .add: return a &+ b
    case .subtract: return a &- b
    case .multiply: return a &* b
    default:
      if b == 0 { return nil }
      if b == -1 { return operation == .modulo ? 0 : 0 &- a }
      let (quotient, rest) = a.quotientAndRemainder(dividingBy: b)
      let isBelow = rest != 0 && (rest ^ b) < 0
      if operation == .modulo { return isBelow ? rest + b : rest }
      return isBelow ? quotient - 1 : quotient
    }
  }

  private static func floats(
    _ operation: LuaBinaryOperator, _ left: Operand.Place, _ right: Operand.Place
  ) -> Operand.Place? {
    guard let a = number(left), let b = number(right) else { return nil }
    switch operation {
    case .add: return kept(a + b)
    case .subtract: return kept(a - b)
    case .multiply: return kept(a * b)
    case .power: return kept(b == 2 ? a * a : pow(a, b))
    default: break
    }
    if b == 0 { return nil }
    if operation == .divide { return kept(a / b) }
    if operation == .floorDivide { return kept((a / b).rounded(.down)) }
    var rest = a.truncatingRemainder(dividingBy: b)
    if rest * b < 0 { rest += b }
    return kept(rest)
  }

  /// Not a number, and zero with its sign, are not folded.
  private static func kept(_ value: Double) -> Operand.Place? {
    value.isNaN || value == 0 ? nil : .float(value)
  }
}
