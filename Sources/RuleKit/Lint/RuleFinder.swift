/// Finds `local R = rule { … }` and the hooks that are defined on it.
struct RuleFinder: LuaVisitor {
  let chunk: LuaChunk
  let values: LocalValues
  /// The table given to `rule`.
  private(set) var header: LuaExpression.ID?
  private(set) var hooks: [String: LuaFunction.ID] = [:]
  /// Whether the rule is used for its hooks, its parameters and `return` only.
  private(set) var isPlain = true
  /// Mentions of the rule that are accounted for.
  private var expected: Set<LuaExpression.ID> = []

  init(chunk: LuaChunk, values: LocalValues) {
    self.chunk = chunk
    self.values = values
  }

  mutating func enter(_ expression: LuaExpression.ID) -> Bool {
    if isRule(expression), case .call(_, let arguments) = chunk[expression].kind, header == nil {
      header = arguments.first.map(values.resolve)
    }
    return true
  }

  mutating func enter(_ statement: LuaStatement) -> Bool {
    switch statement.kind {
    case .function(let place, let function): define(place, function)
    case .assignment(let places, let expressions):
      for (place, value) in zip(places, expressions) { define(place, values.function(value)) }
    case .return(let expressions): expected.formUnion(expressions)
    case .local(_, let expressions): expected.formUnion(expressions)
    default: break
    }
    return true
  }

  /// Looks for mentions of the rule that nothing accounts for.
  mutating func findEscapes() {
    for whole in chunk.expressions {
      switch whole.kind {
      case .field(let object, _), .method(let object, _, _): expected.insert(object)
      default: break
      }
    }
    for index in chunk.expressions.indices {
      let id = LuaExpression.ID(index: index)
      guard isRule(id), !expected.contains(id) else { continue }
      if case .call = chunk[id].kind, chunk.functions[0].range.contains(chunk[id].range) { continue }
      isPlain = false
    }
  }

  private mutating func define(_ place: LuaExpression.ID, _ function: LuaFunction.ID?) {
    let object: LuaExpression.ID
    let name: String
    switch chunk[place].kind {
    case .field(let base, let field), .method(let base, let field, _): (object, name) = (base, field.text)
    case .index(let base, _): (object, name) = (base, "")
    default: return
    }
    guard isRule(object) else { return }
    guard SandboxNames.hooks.contains(name) else {
      isPlain = isPlain && !name.isEmpty
      return
    }
    if let function, hooks[name] == nil { hooks[name] = function } else { isPlain = false }
  }

  /// Whether an expression is the call of `rule`, or a local that holds what it returned.
  private func isRule(_ expression: LuaExpression.ID) -> Bool {
    guard case .call(let function, _) = chunk[values.resolve(expression)].kind,
      case .global("rule") = chunk[function].kind
    else { return false }
    return true
  }
}
