extension ChunkReader {
  /// Adds an expression of the tree that ends with the last token.
  func add(_ kind: LuaExpression.Kind, from start: Int, line: Int) -> LuaExpression.ID {
    chunk.expressions.append(LuaExpression(kind: kind, range: start..<max(start, previousEnd), line: line))
    return LuaExpression.ID(index: chunk.expressions.count - 1)
  }

  /// Reads an expression whose operators bind more strongly than a limit.
  func readExpression(above limit: Int = 0) throws(LuaSyntaxError) -> Operand {
    try enterLevel()
    defer { leaveLevel() }
    var left = try readOperand()
    while let operation = binaryOperator, operation.priority.left > limit {
      try advance()
      try infix(operation, &left)
      var right = try readExpression(above: operation.priority.right)
      let whole = chunk[left.expression]
      let expression = add(
        .binary(operation, left.expression, right.expression), from: whole.range.lowerBound, line: whole.line)
      try postfix(operation, &left, &right)
      left.expression = expression
    }
    return left
  }

  private func readOperand() throws(LuaSyntaxError) -> Operand {
    guard let operation = unaryOperator else { return try readSimple() }
    let start = token.range.lowerBound
    let line = token.line
    try advance()
    var operand = try readExpression(above: 12)
    try prefix(operation, &operand)
    operand.expression = add(.unary(operation, operand.expression), from: start, line: line)
    return operand
  }

  private var unaryOperator: LuaUnaryOperator? {
    guard case .mark(let mark) = token.kind else { return nil }
    return LuaUnaryOperator(rawValue: mark.rawValue)
  }

  private var binaryOperator: LuaBinaryOperator? {
    guard case .mark(let mark) = token.kind else { return nil }
    return LuaBinaryOperator(rawValue: mark.rawValue)
  }

  private func readSimple() throws(LuaSyntaxError) -> Operand {
    let start = token.range.lowerBound
    let line = token.line
    let kind: LuaExpression.Kind
    let place: Operand.Place
    switch token.kind {
    case .float(let value): (kind, place) = (.float(value), .float(value))
    case .integer(let value): (kind, place) = (.integer(value), .integer(value))
    case .string(let bytes): (kind, place) = (.string(bytes), .string(bytes))
    case .mark(.nil): (kind, place) = (.nil, .nil)
    case .mark(.true): (kind, place) = (.true, .true)
    case .mark(.false): (kind, place) = (.false, .false)
    case .mark(.dots):
      guard frame.isVararg else { throw error("cannot use '...' outside a vararg function") }
      (kind, place) = (.vararg, .vararg)
    case .mark(.leftBrace): return try readTable()
    case .mark(.function):
      try advance()
      var (value, function) = try readFunction(
        FunctionStart(offset: start, line: line, reportedLine: lexer.line))
      value.expression = add(.function(function), from: start, line: line)
      return value
    default: return try readSuffixed()
    }
    try advance()
    return Operand(place: place, expression: add(kind, from: start, line: line))
  }

  /// Reads expressions between commas: all but the last are in registers.
  func readExpressions() throws(LuaSyntaxError) -> (last: Operand, all: [LuaExpression.ID]) {
    var operand = try readExpression()
    var all = [operand.expression]
    while try accept(.comma) {
      try toNextRegister(&operand)
      operand = try readExpression()
      all.append(operand.expression)
    }
    return (operand, all)
  }

  // MARK: - Names, fields, calls

  /// Reads a name with what it means.
  func readVariable() throws(LuaSyntaxError) -> Operand {
    let name = try expectName()
    func finish(_ kind: LuaExpression.Kind, _ place: Operand.Place) -> Operand {
      Operand(place: place, expression: add(kind, from: name.range.lowerBound, line: name.line))
    }
    if let (place, local) = try resolve(name.text) {
      return finish(local.map(use) ?? .global(name.text), place)
    }
    guard let (place, local) = try resolve("_ENV") else { return finish(.global(name.text), .void) }
    if let local { _ = use(local) }
    var environment = finish(.global(name.text), place)
    var key = Operand(place: .string(Array(name.text.utf8)), expression: environment.expression)
    try index(&environment, by: &key)
    return environment
  }

  /// Counts a use of a local.
  private func use(_ local: LuaLocal.ID) -> LuaExpression.Kind {
    chunk.locals[local.index].uses += 1
    if chunk[local].function == frame.id { return .local(local) }
    chunk.locals[local.index].isCaptured = true
    return .upvalue(local)
  }

  private func readPrimary() throws(LuaSyntaxError) -> Operand {
    if case .name = token.kind { return try readVariable() }
    guard token.is(.leftParenthesis) else { throw error("unexpected symbol") }
    let start = token.range.lowerBound
    let line = token.line
    let openLine = lexer.line
    try advance()
    var operand = try readExpression()
    try expect(.rightParenthesis, closing: .leftParenthesis, at: openLine)
    discharge(&operand)
    operand.expression = add(.parenthesized(operand.expression), from: start, line: line)
    return operand
  }

  /// Reads a name or a parenthesis and the fields, indices and calls after it.
  func readSuffixed() throws(LuaSyntaxError) -> Operand {
    let start = token.range.lowerBound
    let line = token.line
    let openLine = lexer.line
    var operand = try readPrimary()
    while true {
      switch token.kind {
      case .mark(.dot):
        let name = try readField(of: &operand)
        operand.expression = add(.field(operand.expression, name), from: start, line: line)
      case .mark(.leftBracket):
        try toRegisterOrUpvalue(&operand)
        var key = try readKey()
        try index(&operand, by: &key)
        operand.expression = add(.index(operand.expression, key.expression), from: start, line: line)
      case .mark(.colon):
        try advance()
        let name = try expectName()
        try method(&operand, name)
        let arguments = try readArguments(&operand, openLine: openLine)
        operand.expression = add(.method(operand.expression, name, arguments), from: start, line: line)
      case .mark(.leftParenthesis), .mark(.leftBrace), .string:
        try toNextRegister(&operand)
        let arguments = try readArguments(&operand, openLine: openLine)
        operand.expression = add(.call(operand.expression, arguments), from: start, line: line)
      default: return operand
      }
    }
  }

  /// Reads `.name` or `:name` and makes the operand that field.
  func readField(of operand: inout Operand) throws(LuaSyntaxError) -> LuaName {
    try toRegisterOrUpvalue(&operand)
    try advance()
    let name = try expectName()
    var key = Operand(place: .string(Array(name.text.utf8)), expression: operand.expression)
    try index(&operand, by: &key)
    return name
  }

  /// Reads `[key]`.
  private func readKey() throws(LuaSyntaxError) -> Operand {
    try advance()
    var key = try readExpression()
    try toValue(&key)
    try expect(.rightBracket)
    return key
  }

  private func readArguments(
    _ function: inout Operand, openLine: Int
  ) throws(LuaSyntaxError) -> [LuaExpression.ID] {
    var last: Operand?
    var all: [LuaExpression.ID] = []
    switch token.kind {
    case .mark(.leftParenthesis):
      try advance()
      if !token.is(.rightParenthesis) {
        let list = try readExpressions()
        if list.last.hasManyResults { try openResults(list.last) }
        (last, all) = (list.last, list.all)
      }
      try expect(.rightParenthesis, closing: .leftParenthesis, at: openLine)
    case .mark(.leftBrace): last = try readTable()
    case .string(let bytes):
      let (start, line) = (token.range.lowerBound, token.line)
      try advance()
      last = Operand(place: .string(bytes), expression: add(.string(bytes), from: start, line: line))
    default: throw error("function arguments expected")
    }
    if all.isEmpty, let last { all = [last.expression] }
    if var last, !last.hasManyResults { try toNextRegister(&last) }
    guard case .register(let base) = function.place else { return all }
    frame.freeRegister = base + 1
    function = Operand(place: .call(base: base), expression: function.expression)
    return all
  }

  // MARK: - Tables

  private func readTable() throws(LuaSyntaxError) -> Operand {
    let start = token.range.lowerBound
    let line = token.line
    let openLine = lexer.line
    let base = frame.freeRegister
    var items: [LuaExpression.Item] = []
    var pending: Operand?
    var stored = 0
    try reserve(1)
    try expect(.leftBrace)
    repeat {
      if token.is(.rightBrace) { break }
      if var operand = pending {
        try toNextRegister(&operand)
        pending = nil
        if stored == 50 {
          frame.freeRegister = base + 1
          stored = 0
        }
      }
      if let item = try readKeyedItem(table: base) {
        items.append(item)
      } else {
        let operand = try readExpression()
        items.append(.positional(operand.expression))
        pending = operand
        stored += 1
      }
    } while try acceptSeparator()
    try expect(.rightBrace, closing: .leftBrace, at: openLine)
    if stored > 0 {
      if var operand = pending {
        if operand.hasManyResults { try openResults(operand) } else { try toNextRegister(&operand) }
      }
      frame.freeRegister = base + 1
    }
    return Operand(place: .register(base), expression: add(.table(items), from: start, line: line))
  }

  private func acceptSeparator() throws(LuaSyntaxError) -> Bool {
    if try accept(.comma) { return true }
    return try accept(.semicolon)
  }

  /// Reads `name = x` or `[k] = x`; nil when something else comes.
  private func readKeyedItem(table base: Int) throws(LuaSyntaxError) -> LuaExpression.Item? {
    let first = frame.freeRegister
    var name: LuaName?
    var key: Operand
    let nothing = LuaExpression.ID(index: 0)
    switch token.kind {
    case .name:
      guard try peek().is(.assign) else { return nil }
      let found = try expectName()
      name = found
      key = Operand(place: .string(Array(found.text.utf8)), expression: nothing)
    case .mark(.leftBracket): key = try readKey()
    default: return nil
    }
    try expect(.assign)
    var place = Operand(place: .register(base), expression: nothing)
    try index(&place, by: &key)
    var value = try readExpression()
    try store(&value, in: place.place)
    frame.freeRegister = first
    return name.map { .named($0, value.expression) } ?? .keyed(key.expression, value.expression)
  }
}
