extension ChunkReader {
  /// A call, or an assignment to one or more places.
  func readCallOrAssignment() throws(LuaSyntaxError) -> LuaStatement.Kind {
    let first = try readSuffixed()
    if token.is(.assign) || token.is(.comma) { return try readAssignment(first) }
    guard case .call = first.place else { throw error("syntax error") }
    return .call(first.expression)
  }

  private func readAssignment(_ first: Operand) throws(LuaSyntaxError) -> LuaStatement.Kind {
    var places = [first]
    try checkTarget(first)
    while try accept(.comma) {
      let place = try readSuffixed()
      if !place.isIndexed { try keepAside(place, for: &places) }
      try enterLevel()
      try checkTarget(place)
      places.append(place)
    }
    try expect(.assign)
    var (value, values) = try readExpressions()
    var remaining = places
    if values.count == places.count {
      if value.hasManyResults { discharge(&value) }
      if let last = remaining.popLast() { try store(&value, in: last.place) }
    } else {
      try adjust(places.count, to: values.count, &value)
    }
    while let place = remaining.popLast() {
      var top = Operand(place: .register(frame.freeRegister - 1), expression: value.expression)
      try store(&top, in: place.place)
    }
    for place in places { countAssignment(to: place.expression) }
    level -= places.count - 1
    return .assignment(places.map(\.expression), values)
  }

  private func checkTarget(_ place: Operand) throws(LuaSyntaxError) {
    guard place.isVariable else { throw error("syntax error") }
    try checkAssignable(place)
  }

  /// Refuses an assignment to a constant.
  func checkAssignable(_ place: Operand) throws(LuaSyntaxError) {
    guard let name = readOnlyName(place.place) else { return }
    throw plainError("attempt to assign to const variable '\(name)'")
  }

  /// A name that is assigned to was counted as a use when it was read.
  func countAssignment(to expression: LuaExpression.ID) {
    switch chunk[expression].kind {
    case .local(let local), .upvalue(let local):
      chunk.locals[local.index].uses -= 1
      chunk.locals[local.index].assignments += 1
    default: break
    }
  }

  /// In `a.x, a = 1, 2` the first place is of the old `a`: keeps a copy of it in a register.
  private func keepAside(_ variable: Operand, for places: inout [Operand]) throws(LuaSyntaxError) {
    let copy = frame.freeRegister
    var isNeeded = false
    for index in places.indices {
      let old = places[index].place
      places[index].place = ChunkReader.moved(old, from: variable.place, to: copy)
      if places[index].place != old { isNeeded = true }
    }
    if isNeeded { try reserve(1) }
  }

  private static func moved(
    _ place: Operand.Place, from variable: Operand.Place, to copy: Int
  ) -> Operand.Place {
    if case .indexedUpvalue(let table) = place {
      if case .upvalue(table) = variable { return .indexedByName(table: copy) }
      return place
    }
    guard case .local(let register, _) = variable else { return place }
    switch place {
    case .indexedByName(register): return .indexedByName(table: copy)
    case .indexedByInteger(register): return .indexedByInteger(table: copy)
    case .indexed(let table, let key):
      return .indexed(table: table == register ? copy : table, key: key == register ? copy : key)
    default: return place
    }
  }

  /// Makes a list of values as long as the list of variables.
  func adjust(_ variables: Int, to values: Int, _ last: inout Operand) throws(LuaSyntaxError) {
    let needed = variables - values
    if last.hasManyResults {
      try openResults(last)
    } else if last.place != .void {
      try toNextRegister(&last)
    }
    if needed > 0 { try reserve(needed) } else { frame.freeRegister += needed }
  }

  // MARK: - Locals

  /// `local a <const>, b = x, y`
  func readLocals() throws(LuaSyntaxError) -> LuaStatement.Kind {
    var locals: [LuaLocal.ID] = []
    var closes = false
    repeat {
      let local = try declare(try expectName(), .variable)
      locals.append(local)
      guard let attribute = try readAttribute() else { continue }
      chunk.locals[local.index].attribute = attribute
      variables[variables.count - 1].kind = attribute == .close ? .toBeClosed : .constant
      guard attribute == .close else { continue }
      if closes { throw plainError("multiple to-be-closed variables in local list") }
      closes = true
    } while try accept(.comma)
    var value = Operand(place: .void, expression: LuaExpression.ID(index: 0))
    var values: [LuaExpression.ID] = []
    if try accept(.assign) { (value, values) = try readExpressions() }
    if locals.count == values.count, variables.last?.kind == .constant, let constant = constant(value) {
      variables[variables.count - 1].value = constant
      variables[variables.count - 1].kind = .compileTime
      try activate(locals.count - 1)
      frame.activeCount += 1
    } else {
      try adjust(locals.count, to: values.count, &value)
      try activate(locals.count)
    }
    return .local(locals, values)
  }

  private func readAttribute() throws(LuaSyntaxError) -> LuaLocal.Attribute? {
    guard try accept(.less) else { return nil }
    let name = try expectName()
    try expect(.greater)
    switch name.text {
    case "const": return .constant
    case "close": return .close
    default: throw plainError("unknown attribute '\(name.text)'")
    }
  }

  /// The value of an operand that needs no register.
  private func constant(_ operand: Operand) -> Operand.Place? {
    if operand.hasJumps { return nil }
    switch operand.place {
    case .true, .false, .nil, .string, .integer, .float: return operand.place
    case .compileTime(let variable): return variables[variable].value
    default: return nil
    }
  }
}
