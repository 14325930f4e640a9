/// An operator between two operands.
public enum LuaBinaryOperator: String, Sendable {
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case modulo = "%"
  case power = "^"
  case divide = "/"
  case floorDivide = "//"
  case bitAnd = "&"
  case bitOr = "|"
  case bitXor = "~"
  case shiftLeft = "<<"
  case shiftRight = ">>"
  case concat = ".."
  case equal = "=="
  case less = "<"
  case lessOrEqual = "<="
  case notEqual = "~="
  case greater = ">"
  case greaterOrEqual = ">="
  case and, or

  /// Whether it compares its operands: `==`, `~=`, `<`, `<=`, `>`, `>=`.
  public var isComparison: Bool {
    switch self {
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: true
    default: false
    }
  }

  /// How strongly it binds what is left and right of it; the left is more for those that group to the right.
  var priority: (left: Int, right: Int) {
    switch self {
    case .or: (1, 1)
    case .and: (2, 2)
    case .equal, .less, .lessOrEqual, .notEqual, .greater, .greaterOrEqual: (3, 3)
    case .bitOr: (4, 4)
    case .bitXor: (5, 5)
    case .bitAnd: (6, 6)
    case .shiftLeft, .shiftRight: (7, 7)
    case .concat: (9, 8)
    case .add, .subtract: (10, 10)
    case .multiply, .divide, .floorDivide, .modulo: (11, 11)
    case .power: (14, 13)
    }
  }
}
