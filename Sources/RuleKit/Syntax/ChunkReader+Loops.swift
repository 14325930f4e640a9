extension ChunkReader {
  func readWhile(reportedLine: Int) throws(LuaSyntaxError) -> LuaStatement.Kind {
    try advance()
    var condition = try readExpression()
    try goIfTrue(&condition)
    enterBlock(isLoop: true)
    try expect(.do)
    let block = try readBlock()
    try expect(.end, closing: .while, at: reportedLine)
    try leaveBlock()
    return .while(condition.expression, block)
  }

  func readRepeat(reportedLine: Int) throws(LuaSyntaxError) -> LuaStatement.Kind {
    enterBlock(isLoop: true)
    enterBlock(isLoop: false)
    try advance()
    let start = previousEnd
    let statements = try readStatements()
    let block = LuaBlock(statements: statements, range: start..<max(start, token.range.lowerBound))
    try expect(.until, closing: .repeat, at: reportedLine)
    var condition = try readExpression()
    try goIfTrue(&condition)
    try leaveBlock()
    try leaveBlock()
    return .repeat(block, condition.expression)
  }

  func readFor(reportedLine: Int) throws(LuaSyntaxError) -> LuaStatement.Kind {
    enterBlock(isLoop: true)
    try advance()
    let name = try expectName()
    let kind: LuaStatement.Kind
    if token.is(.assign) {
      kind = try readNumericFor(name)
    } else if token.is(.comma) || token.is(.in) {
      kind = try readGenericFor(name)
    } else {
      throw error("'=' or 'in' expected")
    }
    try expect(.end, closing: .for, at: reportedLine)
    try leaveBlock()
    return kind
  }

  private func readNumericFor(_ name: LuaName) throws(LuaSyntaxError) -> LuaStatement.Kind {
    try addLoopState(3)
    let local = try declare(name, .loop)
    try expect(.assign)
    var bounds = [try readBound()]
    try expect(.comma)
    bounds.append(try readBound())
    if try accept(.comma) { bounds.append(try readBound()) } else { try reserve(1) }
    try activate(3)
    return .numericFor(local, bounds, try readLoopBody(variables: 1))
  }

  private func readGenericFor(_ name: LuaName) throws(LuaSyntaxError) -> LuaStatement.Kind {
    try addLoopState(4)
    var locals = [try declare(name, .loop)]
    while try accept(.comma) { locals.append(try declare(try expectName(), .loop)) }
    try expect(.in)
    var (last, all) = try readExpressions()
    try adjust(4, to: all.count, &last)
    try activate(4)
    try checkStack(3)
    return .genericFor(locals, all, try readLoopBody(variables: locals.count))
  }

  /// The variables that a loop needs for itself.
  private func addLoopState(_ count: Int) throws(LuaSyntaxError) {
    for _ in 0..<count { try addVariable(FunctionFrame.Variable(name: "(for state)", local: nil)) }
  }

  private func readBound() throws(LuaSyntaxError) -> LuaExpression.ID {
    var bound = try readExpression()
    try toNextRegister(&bound)
    return bound.expression
  }

  private func readLoopBody(variables: Int) throws(LuaSyntaxError) -> LuaBlock {
    try expect(.do)
    enterBlock(isLoop: false)
    try activate(variables)
    try reserve(variables)
    let block = try readBlock()
    try leaveBlock()
    return block
  }
}
