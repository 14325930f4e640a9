/// The order's table is reused from call to call: what is kept of it must be a copy.
enum KeptOrderCheck {
  private static let advice = "the order's table is used again for the next order: keep copy(o)"

  static func run(_ text: RuleText, _ report: inout LintReport) {
    guard text.meanings.contains(.order) else { return }
    let carriers = OrderCarriers(text)
    var assignments = Assignments()
    text.chunk.walk(&assignments)
    for (place, value) in assignments.pairs where outlives(place, text) {
      if carriers.carries(value) { report.add(.keptOrder, at: value, advice) }
      if case .index(_, let key) = text.chunk[place].kind, carriers.carries(key) {
        report.add(.keptOrder, at: key, advice)
      }
    }
    for (_, expression) in text.expressions {
      guard case .call(let function, let arguments) = expression.kind, arguments.count > 1,
        case .field(let library, let name) = text.chunk[function].kind, name.text == "insert",
        text.global(library) == "table", let value = arguments.last, carriers.carries(value),
        containerOutlives(arguments[0], text)
      else { continue }
      report.add(.keptOrder, at: value, advice)
    }
  }

  /// Whether what is assigned to a place is still there after the call.
  private static func outlives(_ place: LuaExpression.ID, _ text: RuleText) -> Bool {
    switch text.chunk[place].kind {
    case .upvalue, .global: isOfFile(place, text)
    case .field(let table, _), .index(let table, _): containerOutlives(table, text)
    default: false
    }
  }

  /// Whether a table is still there after the call: not one that was made in it.
  private static func containerOutlives(_ table: LuaExpression.ID, _ text: RuleText) -> Bool {
    var id = table
    while true {
      switch text.chunk[text.values.resolve(id)].kind {
      case .field(let object, _), .index(let object, _), .binary(.or, let object, _): id = object
      default: return isOfFile(id, text) || isOfFile(text.values.resolve(id), text)
      }
    }
  }

  /// Whether it is a global, or a local outside of all functions.
  private static func isOfFile(_ name: LuaExpression.ID, _ text: RuleText) -> Bool {
    switch text.chunk[name].kind {
    case .global: true
    case .upvalue(let local): text.chunk[local].function == .main
    default: false
    }
  }

  private struct Assignments: LuaVisitor {
    var pairs: [(LuaExpression.ID, LuaExpression.ID)] = []

    mutating func enter(_ statement: LuaStatement) -> Bool {
      if case .assignment(let places, let values) = statement.kind { pairs += zip(places, values) }
      return true
    }
  }
}
