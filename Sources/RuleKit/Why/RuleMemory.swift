/// Tells whether a text keeps something from one event to the next: in `state`, or in variables of its file.
public struct RuleMemory: LuaVisitor {
  /// Whether it does, as far as the text shows; true in doubt.
  public private(set) var isKept = false
  private let chunk: LuaChunk
  /// Locals of functions that are tables of their own.
  private var own: Set<LuaLocal.ID> = []
  private var depth = 0

  /// Looks through a text.
  public init(_ chunk: LuaChunk) {
    self.chunk = chunk
    chunk.walk(&self)
  }

  /// Counts how deep the functions are.
  public mutating func enter(_ function: LuaFunction.ID) { depth += 1 }
  /// Counts how deep the functions are.
  public mutating func leave(_ function: LuaFunction.ID) { depth -= 1 }

  /// Looks at what is assigned to.
  public mutating func enter(_ statement: LuaStatement) -> Bool {
    guard depth > 1 else { return true }
    switch statement.kind {
    case .local(let locals, let values):
      for (local, value) in zip(locals, values) {
        if case .table = chunk[value].kind { own.insert(local) }
      }
    case .assignment(let places, _): for place in places where isOutside(place) { isKept = true }
    case .function(let place, _): if isOutside(place) { isKept = true }
    default: break
    }
    return !isKept
  }

  /// Looks for `state`, and for functions that change a table.
  public mutating func enter(_ expression: LuaExpression.ID) -> Bool {
    switch chunk[expression].kind {
    case .global("state"): isKept = true
    case .call(let function, let arguments):
      guard depth > 1, let first = arguments.first, isOutside(first), isChange(function) else { break }
      isKept = true
    default: break
    }
    return !isKept
  }

  private func isChange(_ function: LuaExpression.ID) -> Bool {
    guard case .field(let library, let name) = chunk[function].kind,
      case .global("table") = chunk[library].kind
    else { return false }
    return ["insert", "remove", "sort", "move"].contains(name.text)
  }

  /// Whether an expression begins at a variable of a function around, or goes into a table from elsewhere.
  private func isOutside(_ expression: LuaExpression.ID) -> Bool {
    var at = expression
    while true {
      switch chunk[at].kind {
      case .field(let object, _), .index(let object, _), .parenthesized(let object),
        .method(let object, _, _):
        at = object
      case .upvalue: return true
      case .local(let local): return at != expression && !own.contains(local)
      default: return at != expression
      }
    }
  }
}
