import RuleEngine

/// Finds out what the numbers of an expression count, from the names in it.
struct UnitGuess {
  let chunk: LuaChunk
  let declarations: RuleDeclarations?
  private let values: [LuaLocal.ID: LuaExpression.ID]

  init(_ chunk: LuaChunk, _ declarations: RuleDeclarations?) {
    self.chunk = chunk
    self.declarations = declarations
    var locals = LocalVisitor()
    chunk.walk(&locals)
    values = locals.values
  }

  /// The unit of an expression, `plain` when nothing says which.
  func unit(of expression: LuaExpression.ID, depth: Int = 0) -> ValueUnit {
    // A chain of sums may be as long as the text.
    guard depth < 20 else { return .plain }
    switch chunk[expression].kind {
    case .parenthesized(let inner), .unary(.minus, let inner): return unit(of: inner, depth: depth + 1)
    case .binary(let operation, let left, let right):
      return unit(operation, unit(of: left, depth: depth + 1), unit(of: right, depth: depth + 1))
    case .field(let object, let name): return unit(of: name.text, in: object)
    case .local(let local), .upvalue(let local):
      guard chunk[local].assignments == 0, let value = values[local] else { return .plain }
      return unit(of: value, depth: depth + 1)
    case .call(let function, _):
      switch chunk[function].kind {
      case .global("usd"), .global("cents"): return .usd
      case .global("shares"): return .shares
      case .global("now"): return .time
      case .global("duration"): return .duration
      default: return .plain
      }
    default: return .plain
    }
  }

  private func unit(_ operation: LuaBinaryOperator, _ left: ValueUnit, _ right: ValueUnit) -> ValueUnit {
    switch operation {
    case .subtract where left == .time && right == .time: .duration
    case .add, .subtract, .or, .and: left == .plain ? right : left
    case .multiply, .floorDivide: left == .plain ? right : right == .plain ? left : .plain
    default: .plain
    }
  }

  /// Whether an expression is one of the rule's parameters, under whatever name.
  func isParameter(_ expression: LuaExpression.ID) -> Bool {
    switch chunk[expression].kind {
    case .field(let object, _): isParameters(object)
    case .local(let local), .upvalue(let local):
      chunk[local].assignments == 0 && values[local].map { isParameterField($0) } ?? false
    case .binary(_, let left, let right):
      [left, right].allSatisfy { isNumber($0) || isParameterField($0) }
    default: false
    }
  }

  private func isNumber(_ expression: LuaExpression.ID) -> Bool {
    switch chunk[expression].kind {
    case .integer, .float: true
    default: false
    }
  }

  private func isParameterField(_ expression: LuaExpression.ID) -> Bool {
    if case .field(let object, _) = chunk[expression].kind { return isParameters(object) }
    return false
  }

  /// Whether an expression is `R.params`, or a local that stands for it.
  private func isParameters(_ expression: LuaExpression.ID) -> Bool {
    switch chunk[expression].kind {
    case .field(_, let name): return name.text == "params"
    case .local(let local), .upvalue(let local):
      guard chunk[local].assignments == 0, let value = values[local],
        case .field(_, let name) = chunk[value].kind
      else { return false }
      return name.text == "params"
    default: return false
    }
  }

  private func unit(of name: String, in object: LuaExpression.ID) -> ValueUnit {
    if isParameters(object) { return declarations?.parameters[name] ?? .plain }
    if let unit = declarations?.aggregates[name] { return unit }
    return .of(field: name)
  }
}

/// Collects what locals are made of.
private struct LocalVisitor: LuaVisitor {
  var values: [LuaLocal.ID: LuaExpression.ID] = [:]

  mutating func enter(_ statement: LuaStatement) -> Bool {
    if case .local(let locals, let expressions) = statement.kind, locals.count == expressions.count {
      for (local, value) in zip(locals, expressions) { values[local] = value }
    }
    return true
  }
}
