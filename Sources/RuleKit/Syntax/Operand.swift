/// What an expression is to the compiler of Lua while it is being read: whether it has its value in a register
/// already. Nothing is compiled here, but Lua refuses texts that need more than 254 registers, so the reader
/// counts them in the same way.
struct Operand {
  /// Where the value is.
  enum Place: Equatable {
    case void
    case `nil`, `true`, `false`
    case integer(Int64)
    case float(Double)
    case string([UInt8])
    /// An entry of the function's constants.
    case constant(Int)
    /// A register that is its own.
    case register(Int)
    /// A register that is a local variable, by its place among the active ones too.
    case local(register: Int, variable: Int)
    case upvalue(Int)
    /// A `<const>` local without a register, by its place among the active variables.
    case compileTime(Int)
    case indexed(table: Int, key: Int)
    case indexedByInteger(table: Int)
    case indexedByName(table: Int)
    case indexedUpvalue(Int)
    /// The outcome of a comparison, not yet a value.
    case jump
    /// An instruction's result that may go to any register.
    case result(isNot: Bool)
    /// A call, whose result is in the register of its function.
    case call(base: Int)
    case vararg
  }

  var place: Place
  /// Whether something in it jumps to its end with a true value.
  var jumpsIfTrue = false
  /// Whether something in it jumps to its end with a false value.
  var jumpsIfFalse = false
  /// The expression of the tree.
  var expression: LuaExpression.ID

  var hasJumps: Bool { jumpsIfTrue || jumpsIfFalse }

  /// Whether it is a call or `...`: several values when it is last in a list.
  var hasManyResults: Bool {
    switch place {
    case .call, .vararg: true
    default: false
    }
  }

  /// Whether it can be assigned to.
  var isVariable: Bool {
    switch place {
    case .local, .upvalue, .compileTime: true
    default: isIndexed
    }
  }

  /// Whether it is a field of something; a global is one of `_ENV`.
  var isIndexed: Bool {
    switch place {
    case .indexed, .indexedByInteger, .indexedByName, .indexedUpvalue: true
    default: false
    }
  }

  /// Whether it is a number without jumps.
  var isNumeral: Bool {
    switch place {
    case .integer, .float: !hasJumps
    default: false
    }
  }

  /// The whole number that it is, without jumps.
  var plainInteger: Int64? {
    if case .integer(let value) = place, !hasJumps { value } else { nil }
  }

  /// Whether it fits the eight signed bits of an instruction as a whole number.
  var isSmallInteger: Bool { plainInteger.map(Operand.isSmall) ?? false }

  /// Whether it fits them as a number, whole in value.
  var isSmallNumber: Bool {
    if hasJumps { return false }
    switch place {
    case .integer(let value): return Operand.isSmall(value)
    case .float(let value): return Int64(exactly: value).map(Operand.isSmall) ?? false
    default: return false
    }
  }

  /// The range of the eight bits: -127 to 128.
  static func isSmall(_ value: Int64) -> Bool { value >= -127 && value <= 128 }
}
