extension ChunkReader {
  /// Reads a function from its parameters on, and puts it into the next register.
  func readFunction(
    _ start: FunctionStart
  ) throws(LuaSyntaxError) -> (value: Operand, function: LuaFunction.ID) {
    let id = LuaFunction.ID(index: chunk.functions.count)
    frame.innerFunctions += 1
    if frame.innerFunctions > 131_071 { throw plainError("too many functions (limit is 131071)") }
    chunk.functions.append(
      LuaFunction(isMethod: start.method != nil, line: start.line, parent: frame.id))
    open(
      FunctionFrame(
        id: id, line: start.reportedLine, firstVariable: variables.count, firstLabel: labels.count))
    try expect(.leftParenthesis)
    try readParameters(method: start.method)
    try expect(.rightParenthesis)
    let bodyStart = previousEnd
    let statements = try readStatements()
    chunk.functions[id.index].body = LuaBlock(
      statements: statements, range: bodyStart..<max(bodyStart, token.range.lowerBound))
    try expect(.end, closing: .function, at: start.reportedLine)
    chunk.functions[id.index].parameters = frame.parameters
    chunk.functions[id.index].isVararg = frame.isVararg
    chunk.functions[id.index].range = start.offset..<previousEnd
    try closeFunction()
    var operand = Operand(place: .result(isNot: false), expression: LuaExpression.ID(index: 0))
    try toNextRegister(&operand)
    return (operand, id)
  }

  private func readParameters(method: LuaName?) throws(LuaSyntaxError) {
    if let method {
      let itself = LuaName(text: "self", range: method.range, line: method.line)
      frame.parameters.append(try declare(itself, .parameter))
      try activate(1)
    }
    var count = 0
    if !token.is(.rightParenthesis) {
      repeat {
        if case .name = token.kind {
          frame.parameters.append(try declare(try expectName(), .parameter))
          count += 1
        } else if token.is(.dots) {
          try advance()
          frame.isVararg = true
        } else {
          throw error("<name> or '...' expected")
        }
      } while try acceptParameterComma()
    }
    try activate(count)
    try reserve(frame.activeCount)
  }

  /// Nothing follows `...`.
  private func acceptParameterComma() throws(LuaSyntaxError) -> Bool {
    if frame.isVararg { return false }
    return try accept(.comma)
  }

  /// `function a.b:c() end`
  func readFunctionStatement(reportedLine: Int) throws(LuaSyntaxError) -> LuaStatement.Kind {
    try advance()
    let start = token.range.lowerBound
    let line = token.line
    var place = try readVariable()
    var method: LuaName?
    while method == nil, token.is(.dot) || token.is(.colon) {
      let isMethod = token.is(.colon)
      let name = try readField(of: &place)
      if isMethod { method = name }
      place.expression = add(
        isMethod ? .method(place.expression, name, []) : .field(place.expression, name), from: start,
        line: line)
    }
    var (value, function) = try readFunction(
      FunctionStart(
        offset: token.range.lowerBound, line: token.line, reportedLine: reportedLine, method: method))
    try checkAssignable(place)
    countAssignment(to: place.expression)
    try store(&value, in: place.place)
    return .function(place.expression, function)
  }

  /// `local function f() end`
  func readLocalFunction() throws(LuaSyntaxError) -> LuaStatement.Kind {
    let local = try declare(try expectName(), .function)
    try activate(1)
    let (_, function) = try readFunction(
      FunctionStart(offset: token.range.lowerBound, line: token.line, reportedLine: lexer.line))
    return .localFunction(local, function)
  }
}
