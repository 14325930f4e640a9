/// What the functions of a text are called.
struct FunctionNames: LuaVisitor {
  private let chunk: LuaChunk
  private var names: [LuaFunction.ID: String] = [:]

  init(_ chunk: LuaChunk) {
    self.chunk = chunk
    chunk.walk(&self)
  }

  /// Its name, nil when it has none.
  subscript(function: LuaFunction.ID) -> String? { names[function] }

  mutating func enter(_ statement: LuaStatement) -> Bool {
    switch statement.kind {
    case .localFunction(let local, let function): names[function] = chunk[local].name
    case .function(let place, let function): names[function] = chunk.excerpt(chunk[place].range)
    case .local(let locals, let values):
      for (local, value) in zip(locals, values) { name(value, chunk[local].name) }
    case .assignment(let places, let values):
      for (place, value) in zip(places, values) { name(value, chunk.excerpt(chunk[place].range)) }
    default: break
    }
    return true
  }

  mutating func enter(_ expression: LuaExpression.ID) -> Bool {
    guard case .table(let items) = chunk[expression].kind else { return true }
    for case .named(let name, let value) in items { self.name(value, name.text) }
    return true
  }

  private mutating func name(_ value: LuaExpression.ID, _ name: String) {
    if case .function(let function) = chunk[value].kind { names[function] = name }
  }
}
