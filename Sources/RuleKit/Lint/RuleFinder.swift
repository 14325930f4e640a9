/// Finds `local R = rule { … }` and the hooks that are defined on it.
struct RuleFinder: LuaVisitor {
  let chunk: LuaChunk
  let values: LocalValues
  /// The table given to `rule`.
  private(set) var header: LuaExpression.ID?
  /// How often `rule` is called.
  private var calls = 0
  private(set) var hooks: [String: LuaFunction.ID] = [:]
  /// Whether there is one rule, and it is used for its hooks, its parameters and `return` only.
  private(set) var isPlain = true

  init(chunk: LuaChunk, values: LocalValues) {
    self.chunk = chunk
    self.values = values
  }

  /// The table given to `rule` in a text; nil when there is none.
  static func header(of chunk: LuaChunk, _ values: LocalValues) -> LuaExpression.ID? {
    var finder = RuleFinder(chunk: chunk, values: values)
    chunk.walk(&finder)
    return finder.header
  }

  mutating func enter(_ expression: LuaExpression.ID) -> Bool {
    if isRule(expression), case .call(_, let arguments) = chunk[expression].kind {
      calls += 1
      if header == nil { header = arguments.first.map(values.resolve) }
    }
    return true
  }

  mutating func enter(_ statement: LuaStatement) -> Bool {
    switch statement.kind {
    case .function(let place, let function): define(place, function)
    case .assignment(let places, let expressions):
      for (number, place) in places.enumerated() {
        define(place, number < expressions.count ? values.function(expressions[number]) : nil)
      }
    default: break
    }
    return true
  }

  /// Looks for mentions of the rule that nothing accounts for: it may have a name, which may be read, and it is
  /// returned by the file.
  mutating func findEscapes() {
    isPlain = isPlain && calls == 1
    var expected = Set(values.all.values)
    if case .return(let returned) = chunk.body.statements.last?.kind { expected.formUnion(returned) }
    for whole in chunk.expressions {
      switch whole.kind {
      case .field(let object, _), .method(let object, _, _): expected.insert(object)
      default: break
      }
    }
    for index in chunk.expressions.indices {
      let id = LuaExpression.ID(index: index)
      if isRule(id), !expected.contains(id) { isPlain = false }
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
