/// Tells which parts of a rule can lead to a signal: those that name `signal`, or a function that does.
struct SignalPaths {
  private let chunk: LuaChunk
  /// Locals that are such functions, or `signal` itself.
  private var locals: Set<LuaLocal.ID> = []
  /// Fields that are such functions.
  private var fields: Set<String> = []

  init(_ chunk: LuaChunk) {
    self.chunk = chunk
    var names = NameVisitor(chunk: chunk)
    chunk.walk(&names)
    // Until nothing is added: functions can call each other in any order.
    while true {
      let before = (locals.count, fields.count)
      for (name, value) in names.values where leads(value) { add(name) }
      for (name, function) in names.functions where leadToSignal(chunk[function].body) { add(name) }
      if before == (locals.count, fields.count) { return }
    }
  }

  private mutating func add(_ name: NameVisitor.Name) {
    switch name {
    case .local(let local): locals.insert(local)
    case .field(let field): fields.insert(field)
    }
  }

  /// Whether a signal can come from a block.
  func leadToSignal(_ block: LuaBlock) -> Bool {
    var visitor = MentionVisitor(chunk: chunk, locals: locals, fields: fields)
    chunk.walk(block, &visitor)
    return visitor.isFound
  }

  private func leads(_ expression: LuaExpression.ID) -> Bool {
    var visitor = MentionVisitor(chunk: chunk, locals: locals, fields: fields)
    chunk.walk(expression, &visitor)
    return visitor.isFound
  }
}

/// Collects what has a name and is a function, or stands for another name.
private struct NameVisitor: LuaVisitor {
  enum Name {
    case local(LuaLocal.ID)
    case field(String)
  }

  let chunk: LuaChunk
  var functions: [(Name, LuaFunction.ID)] = []
  var values: [(Name, LuaExpression.ID)] = []

  init(chunk: LuaChunk) { self.chunk = chunk }

  mutating func enter(_ statement: LuaStatement) -> Bool {
    switch statement.kind {
    case .localFunction(let local, let function): functions.append((.local(local), function))
    case .function(let place, let function):
      if let name = name(of: place) { functions.append((name, function)) }
    case .local(let locals, let expressions):
      for (local, value) in zip(locals, expressions) { take(.local(local), value) }
    case .assignment(let places, let expressions):
      for (place, value) in zip(places, expressions) {
        if let name = name(of: place) { take(name, value) }
      }
    default: break
    }
    return true
  }

  private mutating func take(_ name: Name, _ value: LuaExpression.ID) {
    switch chunk[value].kind {
    case .function(let function): functions.append((name, function))
    case .global, .local, .upvalue, .field: values.append((name, value))
    default: break
    }
  }

  private func name(of place: LuaExpression.ID) -> Name? {
    switch chunk[place].kind {
    case .local(let local), .upvalue(let local): .local(local)
    case .field(_, let name), .method(_, let name, _): .field(name.text)
    default: nil
    }
  }
}

/// Looks for a name that leads to a signal.
private struct MentionVisitor: LuaVisitor {
  let chunk: LuaChunk
  let locals: Set<LuaLocal.ID>
  let fields: Set<String>
  var isFound = false

  init(chunk: LuaChunk, locals: Set<LuaLocal.ID>, fields: Set<String>) {
    self.chunk = chunk
    self.locals = locals
    self.fields = fields
  }

  mutating func enter(_ expression: LuaExpression.ID) -> Bool {
    switch chunk[expression].kind {
    case .global("signal"): isFound = true
    case .local(let local), .upvalue(let local): if locals.contains(local) { isFound = true }
    case .field(_, let name), .method(_, let name, _): if fields.contains(name.text) { isFound = true }
    default: break
    }
    return !isFound
  }
}
