extension ChunkReader {
  // MARK: - Places

  /// Makes `table` the place `table[key]`.
  func index(_ table: inout Operand, by key: inout Operand) throws(LuaSyntaxError) {
    if case .string(let bytes) = key.place { key.place = .constant(entry(of: .string(bytes))) }
    let isName = isShortString(key)
    if case .upvalue(let upvalue) = table.place {
      if isName {
        table.place = .indexedUpvalue(upvalue)
        return
      }
      try toAnyRegister(&table)
    }
    let register: Int
    switch table.place {
    case .local(let place, _), .register(let place): register = place
    default: register = try toAnyRegister(&table)
    }
    if isName {
      table.place = .indexedByName(table: register)
    } else if let value = key.plainInteger, value >= 0, value <= 255 {
      table.place = .indexedByInteger(table: register)
    } else {
      table.place = .indexed(table: register, key: try toAnyRegister(&key))
    }
  }

  /// Whether it is a constant of at most 40 bytes that an instruction can name.
  private func isShortString(_ key: Operand) -> Bool {
    guard case .constant(let index) = key.place, !key.hasJumps, index <= ChunkReader.constantLimit,
      case .string(let bytes) = frame.constants[index]
    else { return false }
    return bytes.count <= 40
  }

  /// Assigns a value to a place.
  func store(_ value: inout Operand, in place: Operand.Place) throws(LuaSyntaxError) {
    switch place {
    case .local(let register, _):
      free(value)
      toRegister(&value, register)
      return
    case .upvalue: try toAnyRegister(&value)
    default: try toConstantOrRegister(&value)
    }
    free(value)
  }

  /// Makes `object` the call base of `object:name`.
  func method(_ object: inout Operand, _ name: LuaName) throws(LuaSyntaxError) {
    try toAnyRegister(&object)
    free(object)
    object.place = .register(frame.freeRegister)
    try reserve(2)
    var key = Operand(place: .string(Array(name.text.utf8)), expression: object.expression)
    try toConstantOrRegister(&key)
    free(key)
  }

  // MARK: - Conditions

  private func jump(on operand: inout Operand) throws(LuaSyntaxError) {
    if case .result(isNot: true) = operand.place { return }
    try dischargeToAnyRegister(&operand)
    free(operand)
  }

  /// Goes on when it is true, and jumps otherwise.
  func goIfTrue(_ operand: inout Operand) throws(LuaSyntaxError) {
    discharge(&operand)
    switch operand.place {
    case .constant, .float, .integer, .string, .true: break
    case .jump: operand.jumpsIfFalse = true
    default:
      try jump(on: &operand)
      operand.jumpsIfFalse = true
    }
    operand.jumpsIfTrue = false
  }

  /// Goes on when it is false, and jumps otherwise.
  func goIfFalse(_ operand: inout Operand) throws(LuaSyntaxError) {
    discharge(&operand)
    switch operand.place {
    case .nil, .false: break
    case .jump: operand.jumpsIfTrue = true
    default:
      try jump(on: &operand)
      operand.jumpsIfTrue = true
    }
    operand.jumpsIfFalse = false
  }

  // MARK: - Operators

  /// Applies an operator to its only operand.
  func prefix(_ operation: LuaUnaryOperator, _ operand: inout Operand) throws(LuaSyntaxError) {
    discharge(&operand)
    switch operation {
    case .not: try negate(&operand)
    case .minus, .bitNot, .length:
      if operand.isNumeral, let value = ConstantFolding.fold(operation, operand.place) {
        operand.place = value
        return
      }
      try toAnyRegister(&operand)
      free(operand)
      operand.place = .result(isNot: false)
    }
  }

  private func negate(_ operand: inout Operand) throws(LuaSyntaxError) {
    switch operand.place {
    case .nil, .false: operand.place = .true
    case .constant, .float, .integer, .string, .true: operand.place = .false
    case .jump: break
    default:
      try dischargeToAnyRegister(&operand)
      free(operand)
      operand.place = .result(isNot: true)
    }
    swap(&operand.jumpsIfTrue, &operand.jumpsIfFalse)
  }

  /// Prepares the left operand, before the right one is read.
  func infix(_ operation: LuaBinaryOperator, _ left: inout Operand) throws(LuaSyntaxError) {
    discharge(&left)
    switch operation {
    case .and: try goIfTrue(&left)
    case .or: try goIfFalse(&left)
    case .concat: try toNextRegister(&left)
    case .equal, .notEqual: if !left.isNumeral { try toConstantOrRegister(&left) }
    case .less, .lessOrEqual, .greater, .greaterOrEqual: if !left.isSmallNumber { try toAnyRegister(&left) }
    default: if !left.isNumeral { try toAnyRegister(&left) }
    }
  }

  /// Finishes an operation; the outcome is in `left`.
  func postfix(
    _ operation: LuaBinaryOperator, _ left: inout Operand, _ right: inout Operand
  ) throws(LuaSyntaxError) {
    discharge(&right)
    if left.isNumeral, right.isNumeral,
      let value = ConstantFolding.fold(operation, left.place, right.place)
    {
      left.place = value
      return
    }
    switch operation {
    case .and:
      right.jumpsIfFalse = right.jumpsIfFalse || left.jumpsIfFalse
      left = right
    case .or:
      right.jumpsIfTrue = right.jumpsIfTrue || left.jumpsIfTrue
      left = right
    case .concat:
      try toNextRegister(&right)
      free(right)
    case .equal, .notEqual: try compareEqual(&left, &right)
    case .less, .lessOrEqual: try compareOrder(&left, &right)
    case .greater, .greaterOrEqual:
      swap(&left, &right)
      try compareOrder(&left, &right)
    default: try arithmetic(operation, &left, &right)
    }
  }

  private func arithmetic(
    _ operation: LuaBinaryOperator, _ left: inout Operand, _ right: inout Operand
  ) throws(LuaSyntaxError) {
    switch operation {
    case .add, .multiply:
      let isFlipped = left.isNumeral
      if isFlipped { swap(&left, &right) }
      if operation == .add, right.isSmallInteger { return try finish(&left, right) }
      try withConstant(&left, &right, isFlipped: isFlipped)
    case .subtract:
      if isNegatable(right) {
        try finish(&left, right)
      } else {
        try withConstant(&left, &right, isFlipped: false)
      }
    case .divide, .floorDivide, .modulo, .power: try withConstant(&left, &right, isFlipped: false)
    case .bitAnd, .bitOr, .bitXor: try bitwise(&left, &right)
    case .shiftLeft:
      if left.isSmallInteger {
        swap(&left, &right)
        try finish(&left, right)
      } else if isNegatable(right) {
        try finish(&left, right)
      } else {
        try inRegisters(&left, &right)
      }
    default:
      if right.isSmallInteger { try finish(&left, right) } else { try inRegisters(&left, &right) }
    }
  }

  /// Whether it and its negation both fit an instruction.
  private func isNegatable(_ operand: Operand) -> Bool {
    operand.plainInteger.map { Operand.isSmall($0) && Operand.isSmall(0 &- $0) } ?? false
  }

  private func finish(_ left: inout Operand, _ right: Operand) throws(LuaSyntaxError) {
    try toAnyRegister(&left)
    free(left, right)
    left.place = .result(isNot: false)
    left.jumpsIfTrue = false
    left.jumpsIfFalse = false
  }

  private func inRegisters(_ left: inout Operand, _ right: inout Operand) throws(LuaSyntaxError) {
    try toAnyRegister(&right)
    try finish(&left, right)
  }

  private func withConstant(
    _ left: inout Operand, _ right: inout Operand, isFlipped: Bool
  ) throws(LuaSyntaxError) {
    if right.isNumeral, toConstant(&right) { return try finish(&left, right) }
    if isFlipped { swap(&left, &right) }
    try inRegisters(&left, &right)
  }

  private func bitwise(_ left: inout Operand, _ right: inout Operand) throws(LuaSyntaxError) {
    if case .integer = left.place, try toConstantOrRegister(&left) {
      swap(&left, &right)
      return try finish(&left, right)
    }
    if case .integer = right.place, try toConstantOrRegister(&right) { return try finish(&left, right) }
    try inRegisters(&left, &right)
  }

  private func compareOrder(_ left: inout Operand, _ right: inout Operand) throws(LuaSyntaxError) {
    if right.isSmallNumber {
      try toAnyRegister(&left)
    } else if left.isSmallNumber {
      try toAnyRegister(&right)
    } else {
      try toAnyRegister(&left)
      try toAnyRegister(&right)
    }
    free(left, right)
    left.place = .jump
  }

  private func compareEqual(_ left: inout Operand, _ right: inout Operand) throws(LuaSyntaxError) {
    if case .register = left.place {} else { swap(&left, &right) }
    try toAnyRegister(&left)
    if !right.isSmallNumber { try toConstantOrRegister(&right) }
    free(left, right)
    left.place = .jump
  }
}
