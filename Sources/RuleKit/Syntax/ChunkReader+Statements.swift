extension ChunkReader {
  /// Whether the token ends a block.
  func endsBlock(withUntil: Bool) -> Bool {
    switch token.kind {
    case .mark(.else), .mark(.elseif), .mark(.end), .end: true
    case .mark(.until): withUntil
    default: false
    }
  }

  /// Reads statements to the end of their block.
  func readStatements() throws(LuaSyntaxError) -> [LuaStatement] {
    var statements: [LuaStatement] = []
    try readStatements(into: &statements)
    return statements
  }

  private func readStatements(into statements: inout [LuaStatement]) throws(LuaSyntaxError) {
    while !endsBlock(withUntil: true) {
      let isLast = token.is(.return)
      try readStatement(into: &statements)
      if isLast { return }
    }
  }

  /// Reads a block with a scope.
  func readBlock() throws(LuaSyntaxError) -> LuaBlock {
    let start = previousEnd
    enterBlock(isLoop: false)
    let statements = try readStatements()
    try leaveBlock()
    return LuaBlock(statements: statements, range: start..<max(start, token.range.lowerBound))
  }

  private func readStatement(into statements: inout [LuaStatement]) throws(LuaSyntaxError) {
    let reportedLine = lexer.line
    let start = token.range.lowerBound
    let line = token.line
    let place = statements.count
    try enterLevel()
    defer { leaveLevel() }
    let kind: LuaStatement.Kind
    if token.is(.doubleColon) {
      try advance()
      kind = .label(try readLabel(reportedLine: reportedLine, into: &statements))
    } else {
      kind = try readKind(reportedLine: reportedLine)
    }
    frame.freeRegister = variableRegisters
    var end = previousEnd
    if case .label(let name) = kind { end = labelEnd(after: name) }
    statements.insert(LuaStatement(kind: kind, range: start..<max(start, end), line: line), at: place)
  }

  private func readKind(reportedLine: Int) throws(LuaSyntaxError) -> LuaStatement.Kind {
    guard case .mark(let mark) = token.kind else { return try readCallOrAssignment() }
    switch mark {
    case .semicolon:
      try advance()
      return .empty
    case .if: return try readIf(reportedLine: reportedLine)
    case .while: return try readWhile(reportedLine: reportedLine)
    case .do:
      try advance()
      let block = try readBlock()
      try expect(.end, closing: .do, at: reportedLine)
      return .do(block)
    case .for: return try readFor(reportedLine: reportedLine)
    case .repeat: return try readRepeat(reportedLine: reportedLine)
    case .function: return try readFunctionStatement(reportedLine: reportedLine)
    case .local:
      try advance()
      return try accept(.function) ? readLocalFunction() : readLocals()
    case .return:
      try advance()
      return try readReturn()
    case .break:
      try addGoto("break", line: reportedLine)
      try advance()
      return .break
    case .goto:
      try advance()
      let line = lexer.line
      let name = try expectName()
      if visibleLabel(name.text) == nil { try addGoto(name.text, line: line) }
      return .goto(name)
    default: return try readCallOrAssignment()
    }
  }

  // MARK: - Labels

  /// Reads a label from its name on. Lua reads what does nothing after it first, so that it can tell whether
  /// the label is the last of its block.
  private func readLabel(
    reportedLine: Int, into statements: inout [LuaStatement]
  ) throws(LuaSyntaxError) -> LuaName {
    let name = try expectName()
    try expect(.doubleColon)
    while token.is(.semicolon) || token.is(.doubleColon) { try readStatement(into: &statements) }
    if let known = visibleLabel(name.text) {
      throw plainError("label '\(name.text)' already defined on line \(known.line)")
    }
    try addLabel(name.text, line: reportedLine, isLast: endsBlock(withUntil: false))
    return name
  }

  /// The end of the second `::` after a label's name.
  private func labelEnd(after name: LuaName) -> Int {
    let bytes = lexer.bytes
    var lexer = LuaLexer(bytes, from: name.range.upperBound)
    return (try? lexer.next())?.range.upperBound ?? name.range.upperBound
  }

  // MARK: - Choices

  private func readIf(reportedLine: Int) throws(LuaSyntaxError) -> LuaStatement.Kind {
    var clauses: [LuaStatement.Clause] = []
    repeat { clauses.append(try readClause()) } while token.is(.elseif)
    let otherwise = try accept(.else) ? readBlock() : nil
    try expect(.end, closing: .if, at: reportedLine)
    return .if(clauses, otherwise)
  }

  private func readClause() throws(LuaSyntaxError) -> LuaStatement.Clause {
    try advance()
    var condition = try readExpression()
    try expect(.then)
    let start = previousEnd
    var statements: [LuaStatement] = []
    if token.is(.break) {
      try readLeadingBreak(&condition, into: &statements)
    } else {
      try goIfTrue(&condition)
      enterBlock(isLoop: false)
    }
    try readStatements(into: &statements)
    try leaveBlock()
    let block = LuaBlock(statements: statements, range: start..<max(start, token.range.lowerBound))
    return LuaStatement.Clause(condition: condition.expression, block: block)
  }

  /// `if x then break` is one jump for Lua, and no level of nesting.
  private func readLeadingBreak(
    _ condition: inout Operand, into statements: inout [LuaStatement]
  ) throws(LuaSyntaxError) {
    let line = lexer.line
    statements.append(LuaStatement(kind: .break, range: token.range, line: token.line))
    try goIfFalse(&condition)
    try advance()
    enterBlock(isLoop: false)
    try addGoto("break", line: line)
    while token.is(.semicolon) {
      statements.append(LuaStatement(kind: .empty, range: token.range, line: token.line))
      try advance()
    }
  }

  private func readReturn() throws(LuaSyntaxError) -> LuaStatement.Kind {
    var values: [LuaExpression.ID] = []
    if !endsBlock(withUntil: true), !token.is(.semicolon) {
      var (last, all) = try readExpressions()
      values = all
      if last.hasManyResults {
        try openResults(last)
      } else if all.count == 1 {
        try toAnyRegister(&last)
      } else {
        try toNextRegister(&last)
      }
    }
    _ = try accept(.semicolon)
    return .return(values)
  }
}
