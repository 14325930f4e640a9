/// What locals stand for that are given a value once and never again.
struct LocalValues {
  private let chunk: LuaChunk
  /// The value of `local x = value`.
  private var values: [LuaLocal.ID: LuaExpression.ID] = [:]
  /// The function of `local function f`.
  private(set) var functions: [LuaLocal.ID: LuaFunction.ID] = [:]
  /// What `for x in value` walks, of the first name.
  private(set) var loops: [LuaLocal.ID: LuaExpression.ID] = [:]

  init(_ chunk: LuaChunk) {
    self.chunk = chunk
    var collector = Collector()
    chunk.walk(&collector)
    values = collector.values.filter { chunk[$0.key].assignments == 0 }
    functions = collector.functions.filter { chunk[$0.key].assignments == 0 }
    loops = collector.loops.filter { chunk[$0.key].assignments == 0 }
  }

  /// The value of a local, when it has one only.
  subscript(local: LuaLocal.ID) -> LuaExpression.ID? { values[local] }

  /// The locals with one value.
  var all: [LuaLocal.ID: LuaExpression.ID] { values }

  /// Goes from names to what they stand for, and out of parentheses. Each step goes back in the text.
  func resolve(_ expression: LuaExpression.ID) -> LuaExpression.ID {
    var id = expression
    while true {
      switch chunk[id].kind {
      case .local(let local), .upvalue(let local):
        guard let value = values[local], value.index < id.index else { return id }
        id = value
      case .parenthesized(let inner): id = inner
      default: return id
      }
    }
  }

  /// The function that an expression is.
  func function(_ expression: LuaExpression.ID) -> LuaFunction.ID? {
    switch chunk[resolve(expression)].kind {
    case .function(let function): function
    case .local(let local), .upvalue(let local): functions[local]
    default: nil
    }
  }

  private struct Collector: LuaVisitor {
    var values: [LuaLocal.ID: LuaExpression.ID] = [:]
    var functions: [LuaLocal.ID: LuaFunction.ID] = [:]
    var loops: [LuaLocal.ID: LuaExpression.ID] = [:]

    mutating func enter(_ statement: LuaStatement) -> Bool {
      switch statement.kind {
      case .local(let locals, let expressions):
        for (local, value) in zip(locals, expressions) { values[local] = value }
      case .localFunction(let local, let function): functions[local] = function
      case .genericFor(let locals, let expressions, _):
        if let local = locals.first, let walked = expressions.first { loops[local] = walked }
      default: break
      }
      return true
    }
  }
}
