extension ChunkReader {
  /// Makes sure that there is room for some more registers.
  func checkStack(_ count: Int) throws(LuaSyntaxError) {
    let size = frame.freeRegister + count
    guard size > frame.stackSize else { return }
    if size >= 255 { throw error("function or expression needs too many registers") }
    frame.stackSize = size
  }

  func reserve(_ count: Int) throws(LuaSyntaxError) {
    try checkStack(count)
    frame.freeRegister += count
  }

  /// Frees a register that is not a variable's.
  func free(register: Int) {
    if register >= variableRegisters { frame.freeRegister -= 1 }
  }

  func free(_ operand: Operand) {
    if case .register(let register) = operand.place { free(register: register) }
  }

  func free(_ first: Operand, _ second: Operand) {
    var registers: [Int] = []
    for operand in [first, second] {
      if case .register(let register) = operand.place { registers.append(register) }
    }
    for register in registers.sorted(by: >) { free(register: register) }
  }

  // MARK: - Constants

  /// The entry of a constant, a new one when it is not found.
  func entry(of constant: FunctionFrame.Constant, key: FunctionFrame.Constant? = nil) -> Int {
    let key = key ?? constant
    if let known = constantPlaces[key], known < frame.constants.count, frame.constants[known] == constant {
      return known
    }
    constantPlaces[key] = frame.constants.count
    frame.constants.append(constant)
    return frame.constants.count - 1
  }

  /// Floats that are whole are looked up by a neighbour, so that they do not meet the integer of their value.
  func entry(ofFloat value: Double) -> Int {
    let constant = FunctionFrame.Constant.float(bits: value.bitPattern)
    guard let whole = Int64(exactly: value) else { return entry(of: constant) }
    let neighbour = whole == 0 ? 0x1p-52 : value + value * 0x1p-52
    return entry(
      of: constant, key: Int64(exactly: neighbour).map { .integer($0) } ?? .float(bits: neighbour.bitPattern))
  }

  /// The entry of an operand that is a constant.
  private func entry(ofOperand place: Operand.Place) -> Int? {
    switch place {
    case .true: entry(of: .boolean(true))
    case .false: entry(of: .boolean(false))
    case .nil: entry(of: .nil)
    case .integer(let value): entry(of: .integer(value))
    case .float(let value): entry(ofFloat: value)
    case .string(let bytes): entry(of: .string(bytes))
    case .constant(let index): index
    default: nil
    }
  }

  /// Makes a constant an entry that an instruction can name; false when it is none or the entry is too far.
  func toConstant(_ operand: inout Operand) -> Bool {
    guard !operand.hasJumps, let index = entry(ofOperand: operand.place) else { return false }
    guard index <= ChunkReader.constantLimit else { return false }
    operand.place = .constant(index)
    return true
  }

  /// Makes it such an entry, or puts it into a register.
  @discardableResult
  func toConstantOrRegister(_ operand: inout Operand) throws(LuaSyntaxError) -> Bool {
    if toConstant(&operand) { return true }
    try toAnyRegister(&operand)
    return false
  }

  // MARK: - Values

  /// Makes it a value instead of a variable.
  func discharge(_ operand: inout Operand) {
    switch operand.place {
    case .compileTime(let variable): operand.place = variables[variable].value
    case .local(let register, _): operand.place = .register(register)
    case .upvalue, .indexedUpvalue, .vararg: operand.place = .result(isNot: false)
    case .indexedByInteger(let table), .indexedByName(let table):
      free(register: table)
      operand.place = .result(isNot: false)
    case .indexed(let table, let key):
      free(register: max(table, key))
      free(register: min(table, key))
      operand.place = .result(isNot: false)
    case .call(let base): operand.place = .register(base)
    default: break
    }
  }

  private func discharge(_ operand: inout Operand, to register: Int) {
    discharge(&operand)
    switch operand.place {
    case .string(let bytes): _ = entry(of: .string(bytes))
    case .float(let value):
      if Int64(exactly: value).map(ChunkReader.fitsLoad) != true { _ = entry(ofFloat: value) }
    case .integer(let value): if !ChunkReader.fitsLoad(value) { _ = entry(of: .integer(value)) }
    case .jump: return
    default: break
    }
    operand.place = .register(register)
  }

  /// Whether an instruction can load a whole number without a constant.
  private static func fitsLoad(_ value: Int64) -> Bool { value >= -65535 && value <= 65536 }

  /// Puts the value, not the outcome of its jumps, into a register.
  func dischargeToAnyRegister(_ operand: inout Operand) throws(LuaSyntaxError) {
    if case .register = operand.place { return }
    try reserve(1)
    discharge(&operand, to: frame.freeRegister - 1)
  }

  /// Puts it into a register that is given.
  func toRegister(_ operand: inout Operand, _ register: Int) {
    discharge(&operand, to: register)
    operand.jumpsIfTrue = false
    operand.jumpsIfFalse = false
    operand.place = .register(register)
  }

  /// Puts it into the next register.
  func toNextRegister(_ operand: inout Operand) throws(LuaSyntaxError) {
    discharge(&operand)
    free(operand)
    try reserve(1)
    toRegister(&operand, frame.freeRegister - 1)
  }

  /// Puts it into a register unless it is in one, and says which.
  @discardableResult
  func toAnyRegister(_ operand: inout Operand) throws(LuaSyntaxError) -> Int {
    discharge(&operand)
    if case .register(let register) = operand.place {
      if !operand.hasJumps { return register }
      if register >= variableRegisters {
        toRegister(&operand, register)
        return register
      }
    }
    try toNextRegister(&operand)
    return frame.freeRegister - 1
  }

  /// Puts it into a register unless it is an upvalue.
  func toRegisterOrUpvalue(_ operand: inout Operand) throws(LuaSyntaxError) {
    if case .upvalue = operand.place, !operand.hasJumps { return }
    try toAnyRegister(&operand)
  }

  /// Makes it a value.
  func toValue(_ operand: inout Operand) throws(LuaSyntaxError) {
    if operand.hasJumps { try toAnyRegister(&operand) } else { discharge(&operand) }
  }

  /// Lets a call or `...` give all its values.
  func openResults(_ operand: Operand) throws(LuaSyntaxError) {
    if case .vararg = operand.place { try reserve(1) }
  }
}
