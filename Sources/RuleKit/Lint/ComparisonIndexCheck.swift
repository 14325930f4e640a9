/// `t[a < b]`: Debian's Lua 5.4.4 compiles a comparison directly in brackets wrongly.
enum ComparisonIndexCheck {
  static func run(_ text: RuleText, _ report: inout LintReport) {
    for (_, expression) in text.expressions {
      var keys: [LuaExpression.ID] = []
      switch expression.kind {
      case .index(_, let key): keys = [key]
      case .table(let items):
        keys = items.compactMap { if case .keyed(let key, _) = $0 { key } else { nil } }
      default: break
      }
      for key in keys where isComparison(key, text) {
        report.add(
          .comparisonIndex, at: key, "Lua 5.4.4 gets a comparison in brackets wrong: give it a name first")
      }
    }
  }

  private static func isComparison(_ key: LuaExpression.ID, _ text: RuleText) -> Bool {
    var id = key
    while true {
      switch text.chunk[id].kind {
      case .parenthesized(let inner), .unary(.not, let inner): id = inner
      case .binary(let operation, _, _): return operation.isComparison
      default: return false
      }
    }
  }
}
