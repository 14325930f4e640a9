/// What of its header a rule reads.
struct DeclarationUses {
  private var windows: Set<String> = []
  private var parameters: Set<String> = []
  /// Whether windows, or parameters, are passed on or read by names that the text does not tell.
  private var isAnyWindow = false
  private var isAnyParameter = false

  init(_ text: RuleText) {
    var expected: Set<LuaExpression.ID> = Set(text.values.all.values)
    for (_, expression) in text.expressions.reversed() {
      switch expression.kind {
      case .field(let object, let name), .method(let object, let name, _):
        note(name.text, of: object, text)
        expected.insert(object)
      case .index(let object, let key):
        guard let name = text.string(key) else { continue }
        note(name, of: object, text)
        expected.insert(object)
      case .call(let function, let arguments): noteCall(function, arguments, text)
      case .parenthesized(let inner): expected.insert(inner)
      case .table(let items): noteConditions(items, text)
      default: break
      }
    }
    for (id, _) in text.expressions where !expected.contains(id) {
      if text[id] == .windows { isAnyWindow = true }
      if text[id] == .params { isAnyParameter = true }
    }
  }

  func isUnused(window: RuleHeaderText.Entry, closes: Bool) -> Bool {
    if isAnyWindow || windows.contains(window.name.text) { return false }
    return window.kind == "sliding" || !closes
  }

  func isUnused(parameter: RuleHeaderText.Entry) -> Bool {
    !isAnyParameter && !parameters.contains(parameter.name.text)
  }

  private mutating func note(_ name: String, of object: LuaExpression.ID, _ text: RuleText) {
    if text[object] == .windows { windows.insert(name) }
    if text[object] == .params { parameters.insert(name) }
  }

  /// `group("NAME", …)`, `groups "NAME"`, `at_least "NAME"`
  private mutating func noteCall(
    _ function: LuaExpression.ID, _ arguments: [LuaExpression.ID], _ text: RuleText
  ) {
    guard let name = text.global(function) else { return }
    let literal = arguments.first.flatMap(text.string)
    switch name {
    case "group", "groups": if let literal { windows.insert(literal) } else { isAnyWindow = true }
    case "at_least", "at_most": if let literal { parameters.insert(literal) }
    default: break
    }
  }

  /// `["NAME.aggregate"] = …` in a `where`
  private mutating func noteConditions(_ items: [LuaExpression.Item], _ text: RuleText) {
    for item in items {
      guard case .keyed(let key, _) = item, let name = text.string(key), let dot = name.firstIndex(of: ".")
      else { continue }
      windows.insert(String(name[..<dot]))
    }
  }
}
