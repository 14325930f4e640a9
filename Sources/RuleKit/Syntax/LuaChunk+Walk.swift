extension LuaChunk {
  private enum Step {
    case enterStatement(LuaStatement)
    case leaveStatement(LuaStatement)
    case enterBlock(LuaBlock)
    case leaveBlock(LuaBlock)
    case enterExpression(LuaExpression.ID)
    case leaveExpression(LuaExpression.ID)
    case enterFunction(LuaFunction.ID)
    case leaveFunction(LuaFunction.ID)
  }

  /// Shows all of the chunk to a visitor. It keeps its own stack: no text is too deep for it.
  public func walk(_ visitor: inout some LuaVisitor) { walk([.enterFunction(.main)], &visitor) }

  /// Shows a block to a visitor.
  public func walk(_ block: LuaBlock, _ visitor: inout some LuaVisitor) {
    walk([.enterBlock(block)], &visitor)
  }

  /// Shows an expression to a visitor.
  public func walk(_ expression: LuaExpression.ID, _ visitor: inout some LuaVisitor) {
    walk([.enterExpression(expression)], &visitor)
  }

  private func walk(_ start: [Step], _ visitor: inout some LuaVisitor) {
    var steps = start
    while let step = steps.popLast() {
      switch step {
      case .enterStatement(let statement):
        guard visitor.enter(statement) else { continue }
        steps.append(.leaveStatement(statement))
        steps += parts(of: statement).reversed()
      case .leaveStatement(let statement): visitor.leave(statement)
      case .enterBlock(let block):
        visitor.enter(block)
        steps.append(.leaveBlock(block))
        steps += block.statements.reversed().map { .enterStatement($0) }
      case .leaveBlock(let block): visitor.leave(block)
      case .enterExpression(let id):
        guard visitor.enter(id) else { continue }
        steps.append(.leaveExpression(id))
        if case .function(let function) = self[id].kind {
          steps.append(.enterFunction(function))
        } else {
          steps += self[id].parts.reversed().map { .enterExpression($0) }
        }
      case .leaveExpression(let id): visitor.leave(id)
      case .enterFunction(let function):
        visitor.enter(function)
        steps.append(.leaveFunction(function))
        steps.append(.enterBlock(self[function].body))
      case .leaveFunction(let function): visitor.leave(function)
      }
    }
  }

  private func parts(of statement: LuaStatement) -> [Step] {
    switch statement.kind {
    case .empty, .label, .goto, .break: []
    case .local(_, let values), .return(let values): values.map { .enterExpression($0) }
    case .localFunction(_, let function): [.enterFunction(function)]
    case .function(let place, let function): [.enterExpression(place), .enterFunction(function)]
    case .assignment(let places, let values): (places + values).map { .enterExpression($0) }
    case .call(let call): [.enterExpression(call)]
    case .do(let block): [.enterBlock(block)]
    case .while(let condition, let block): [.enterExpression(condition), .enterBlock(block)]
    case .repeat(let block, let condition): [.enterBlock(block), .enterExpression(condition)]
    case .if(let clauses, let otherwise):
      clauses.flatMap { [.enterExpression($0.condition), .enterBlock($0.block)] }
        + (otherwise.map { [.enterBlock($0)] } ?? [])
    case .numericFor(_, let values, let block), .genericFor(_, let values, let block):
      values.map { .enterExpression($0) } + [.enterBlock(block)]
    }
  }
}

extension LuaExpression {
  /// The expressions directly in this one, in the order of the text; a function's are not.
  public var parts: [ID] {
    switch kind {
    case .nil, .true, .false, .vararg, .integer, .float, .string, .local, .upvalue, .global, .function: []
    case .field(let object, _), .unary(_, let object), .parenthesized(let object): [object]
    case .index(let object, let key): [object, key]
    case .call(let function, let arguments): [function] + arguments
    case .method(let object, _, let arguments): [object] + arguments
    case .binary(_, let left, let right): [left, right]
    case .table(let items):
      items.flatMap { item -> [ID] in
        switch item {
        case .positional(let value), .named(_, let value): [value]
        case .keyed(let key, let value): [key, value]
        }
      }
    }
  }
}
