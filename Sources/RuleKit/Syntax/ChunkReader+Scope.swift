extension ChunkReader {
  // MARK: - Variables

  /// Declares a local of the tree and of the compiler; its scope begins with `activate`.
  @discardableResult
  func declare(_ name: LuaName, _ kind: LuaLocal.Kind) throws(LuaSyntaxError) -> LuaLocal.ID {
    let id = LuaLocal.ID(index: chunk.locals.count)
    chunk.locals.append(
      LuaLocal(
        name: name.text, range: name.range, line: name.line, kind: kind, function: frame.id,
        shadows: visible(name.text)))
    try addVariable(FunctionFrame.Variable(name: name.text, local: id))
    return id
  }

  /// The local that a name means here.
  private func visible(_ name: String) -> LuaLocal.ID? {
    for frame in frames.reversed() {
      let active = variables[frame.firstVariable..<frame.firstVariable + frame.activeCount]
      if let found = active.last(where: { $0.name == name }) { return found.local }
    }
    return nil
  }

  /// Declares a variable that only the compiler knows.
  func addVariable(_ variable: FunctionFrame.Variable) throws(LuaSyntaxError) {
    if variables.count + 1 - frame.firstVariable > 200 {
      throw tooMany("local variables", limit: 200, in: frame)
    }
    variables.append(variable)
  }

  /// Variables whose scope has begun, of this function and those around.
  private var visibleCount: Int { frame.firstVariable + frame.activeCount }

  /// Begins the scope of the next variables, in registers.
  func activate(_ count: Int) throws(LuaSyntaxError) {
    var register = variableRegisters
    for _ in 0..<max(0, count) {
      variables[visibleCount].register = register
      frame.activeCount += 1
      register += 1
      frame.registered += 1
      if frame.registered > Int(Int16.max) { throw plainError("too many local variables (limit is 32767)") }
    }
  }

  /// Registers of the first variables of the function.
  func registers(below count: Int) -> Int {
    var index = frame.firstVariable + count - 1
    while index >= frame.firstVariable {
      if variables[index].kind != .compileTime { return variables[index].register + 1 }
      index -= 1
    }
    return 0
  }

  /// Registers of all active variables.
  var variableRegisters: Int { registers(below: frame.activeCount) }

  /// Finds what a name means; nil for a global.
  func resolve(_ name: String) throws(LuaSyntaxError) -> (place: Operand.Place, local: LuaLocal.ID?)? {
    try resolve(name, in: frames.count - 1)
  }

  private func resolve(
    _ name: String, in index: Int
  ) throws(LuaSyntaxError) -> (place: Operand.Place, local: LuaLocal.ID?)? {
    guard index >= 0 else { return nil }
    let frame = frames[index]
    var place = frame.firstVariable + frame.activeCount - 1
    while place >= frame.firstVariable {
      let variable = variables[place]
      if variable.name == name {
        if variable.kind == .compileTime { return (.compileTime(place), variable.local) }
        return (.local(register: variable.register, variable: place), variable.local)
      }
      place -= 1
    }
    if let known = frame.upvalues.firstIndex(where: { $0.name == name }) {
      return (.upvalue(known), frame.upvalues[known].local)
    }
    guard let outer = try resolve(name, in: index - 1) else { return nil }
    let kind: FunctionFrame.VariableKind
    switch outer.place {
    case .local(_, let variable): kind = variables[variable].kind
    case .upvalue(let upvalue): kind = frames[index - 1].upvalues[upvalue].kind
    default: return outer
    }
    if frame.upvalues.count + 1 > 255 { throw tooMany("upvalues", limit: 255, in: frame) }
    frame.upvalues.append(FunctionFrame.Upvalue(name: name, local: outer.local, kind: kind))
    return (.upvalue(frame.upvalues.count - 1), outer.local)
  }

  /// The name of a variable that may not be assigned to.
  func readOnlyName(_ place: Operand.Place) -> String? {
    switch place {
    case .compileTime(let variable): return variables[variable].name
    case .local(_, let variable): return variables[variable].kind == .regular ? nil : variables[variable].name
    case .upvalue(let index):
      return frame.upvalues[index].kind == .regular ? nil : frame.upvalues[index].name
    default: return nil
    }
  }

  // MARK: - Functions and blocks

  /// Begins a function.
  func open(_ new: FunctionFrame) {
    frames.append(new)
    frame = new
    enterBlock(isLoop: false)
  }

  /// Ends a function.
  func closeFunction() throws(LuaSyntaxError) {
    try leaveBlock()
    frames.removeLast()
    if let outer = frames.last { frame = outer }
  }

  func enterBlock(isLoop: Bool) {
    frame.blocks.append(
      FunctionFrame.Block(
        isLoop: isLoop, activeOutside: frame.activeCount, firstLabel: labels.count, firstGoto: gotos.count))
  }

  func leaveBlock() throws(LuaSyntaxError) {
    guard let block = frame.blocks.last else { return }
    if block.isLoop { try addLabel("break", line: 0, isLast: false) }
    frame.blocks.removeLast()
    variables.removeLast(frame.activeCount - block.activeOutside)
    frame.activeCount = block.activeOutside
    frame.freeRegister = variableRegisters
    labels.removeLast(labels.count - block.firstLabel)
    if frame.blocks.isEmpty {
      if block.firstGoto < gotos.count { throw unresolved(gotos[block.firstGoto]) }
    } else {
      for index in block.firstGoto..<max(block.firstGoto, gotos.count) {
        gotos[index].activeCount = block.activeOutside
      }
    }
  }

  private func unresolved(_ jump: Jump) -> LuaSyntaxError {
    plainError(
      jump.name == "break"
        ? "break outside loop at line \(jump.line)"
        : "no visible label '\(jump.name)' for <goto> at line \(jump.line)")
  }

  // MARK: - Labels

  /// A label of this function that can be seen from here.
  func visibleLabel(_ name: String) -> Jump? { labels[frame.firstLabel...].first { $0.name == name } }

  /// Adds a `goto` whose label comes later.
  func addGoto(_ name: String, line: Int) throws(LuaSyntaxError) {
    try checkJumps(gotos.count)
    gotos.append(Jump(name: name, line: line, activeCount: frame.activeCount))
  }

  /// Adds a label and resolves the gotos of its block that wait for it. After the last statement of a block,
  /// the block's locals are taken as gone.
  func addLabel(_ name: String, line: Int, isLast: Bool) throws(LuaSyntaxError) {
    try checkJumps(labels.count)
    guard let block = frame.blocks.last else { return }
    let active = isLast ? block.activeOutside : frame.activeCount
    labels.append(Jump(name: name, line: line, activeCount: active))
    var index = block.firstGoto
    while index < gotos.count {
      let jump = gotos[index]
      if jump.name == name {
        if jump.activeCount < active {
          let hidden = variables[frame.firstVariable + jump.activeCount].name
          throw plainError("<goto \(name)> at line \(jump.line) jumps into the scope of local '\(hidden)'")
        }
        gotos.remove(at: index)
      } else {
        index += 1
      }
    }
  }

  private func checkJumps(_ count: Int) throws(LuaSyntaxError) {
    if count >= Int(Int16.max) { throw plainError("too many labels/gotos (limit is 32767)") }
  }
}
