/// Which values hold the order itself: it, a table with it in it, a function that uses it.
struct OrderCarriers {
  private var isCarrier: [Bool] = []

  init(_ text: RuleText) {
    let chunk = text.chunk
    let uses = text.expressions.filter { item in
      if case .upvalue = item.expression.kind { return text[item.id] == .order }
      return false
    }
    for (id, expression) in text.expressions {
      let found: Bool
      switch expression.kind {
      case _ where text[id] == .order: found = true
      case .table, .parenthesized: found = Self.items(expression).contains { isCarrier[$0.index] }
      case .binary(.and, _, let right): found = isCarrier[right.index]
      case .binary(.or, let left, let right): found = isCarrier[left.index] || isCarrier[right.index]
      case .local(let local), .upvalue(let local):
        found = text.values[local].map { $0.index < id.index && isCarrier[$0.index] } ?? false
      case .function(let function):
        found = uses.contains { chunk[function].range.contains($0.expression.range) }
      default: found = false
      }
      isCarrier.append(found)
    }
  }

  private static func items(_ expression: LuaExpression) -> [LuaExpression.ID] {
    guard case .table(let items) = expression.kind else { return expression.parts }
    return items.map { item in
      switch item {
      case .positional(let value), .named(_, let value), .keyed(_, let value): value
      }
    }
  }

  func carries(_ expression: LuaExpression.ID) -> Bool { isCarrier[expression.index] }
}
