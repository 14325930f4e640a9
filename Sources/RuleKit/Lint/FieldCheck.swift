/// `o.userr`, `w.buy`, `b.ussd`, `R.params.min`: nothing has such a field, which is an error when the line
/// runs, or nil.
enum FieldCheck {
  static func run(_ text: RuleText, _ report: inout LintReport) {
    for (_, expression) in text.expressions {
      let object: LuaExpression.ID
      let name: String
      let range: Range<Int>
      switch expression.kind {
      case .field(let base, let field), .method(let base, let field, _):
        (object, name, range) = (base, field.text, field.range)
      case .index(let base, let key):
        guard let literal = text.string(key) else { continue }
        (object, name, range) = (base, literal, text.chunk[key].range)
      default: continue
      }
      guard let (what, known) = fields(of: text[object], text), !known.contains(name) else { continue }
      let line = text.chunk.line(of: range.lowerBound)
      report.add(.unknownField, at: range, line: line, "\(what) '\(name)'\(NearestName.hint(name, known))")
    }
  }

  /// What something has fields of, and which.
  private static func fields(of meaning: Meaning, _ text: RuleText) -> (what: String, known: [String])? {
    let header = text.header
    switch meaning {
    case .order: return ("an order has no field", SandboxNames.orderFields)
    case .windows where header.knowsWindows:
      return ("there is no window", header.windows.map(\.name.text))
    case .params where header.knowsParams:
      return ("there is no parameter", header.params.map(\.name.text))
    case .group(let windows) where windows.count == 1:
      return header.groupFields[windows[0]].map { ("a group of '\(windows[0])' has no", $0) }
    default: return nil
    }
  }
}
