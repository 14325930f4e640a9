/// Which fields of an order a rule needs.
public enum OrderFieldUse {
  /// The fields that `on_order` reads of its order; nil when the order is passed on, indexed by a name that the
  /// text does not tell, or the hook is not plain to see. What the header names (`by`, `where`, aggregates) and
  /// what a signal takes from the order by itself (`market`, `token`, `side`) are not among them.
  public static func read(by source: [UInt8]) -> Set<String>? {
    guard let chunk = try? LuaParser.parse(source, isFile: true) else { return nil }
    let text = RuleText(chunk, kind: .rule)
    guard text.isPlain, !chunk.locals.contains(where: { $0.name == "_ENV" }) else { return nil }
    guard let hook = text.hooks["on_order"] else { return mentionsHook(text) ? nil : [] }
    if chunk[hook].isVararg { return nil }
    guard let order = chunk[hook].parameters.first else { return [] }
    if chunk[order].assignments > 0 { return nil }
    var fields: Set<String> = []
    var expected = Set(text.values.all.values)
    for (_, expression) in text.expressions {
      switch expression.kind {
      case .field(let object, let name), .method(let object, let name, _):
        expected.insert(object)
        if text[object] == .order { fields.insert(name.text) }
      case .index(let object, let key):
        guard let name = text.string(key) else { continue }
        expected.insert(object)
        if text[object] == .order { fields.insert(name) }
      case .parenthesized(let inner): expected.insert(inner)
      default: break
      }
    }
    // In parentheses and alone it is still seen: the parentheses mean the order too.
    for (id, _) in text.expressions where text[id] == .order && !expected.contains(id) { return nil }
    return fields.intersection(SandboxNames.orderFields)
  }

  /// Whether the hook's name is anywhere in the file.
  private static func mentionsHook(_ text: RuleText) -> Bool {
    text.expressions.contains { item in
      switch item.expression.kind {
      case .field(_, let name), .method(_, let name, _): name.text == "on_order"
      case .string(let bytes): bytes == Array("on_order".utf8)
      default: false
      }
    }
  }
}
