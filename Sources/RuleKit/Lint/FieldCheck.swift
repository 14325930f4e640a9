import Documents
/// `o.userr`, `w.buy`, `b.ussd`, `R.params.min`: nothing has such a field, which is an error when the line
/// runs, or nil.
enum FieldCheck {
  static func run(_ text: RuleText, _ report: inout LintReport) {
    let assigned = assignedFields(text)
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
      if isOwnTable(text[object]), assigned.contains(name) { continue }
      let line = text.chunk.line(of: range.lowerBound)
      report.add(
        .unknownField, at: range, line: line, "\(what) '\(name)'\(NearestName.hint(name, of: known))")
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
    case .heard: return ("a signal that is heard has no field", SandboxNames.signalFields)
    case .gap: return ("a gap has no field", SandboxNames.gapFields)
    case .match: return ("a match has no field", SandboxNames.matchFields)
    case .steps: return header.steps.map { ("there is no step", $0) }
    case .step: return ("the order of a step has no field", SandboxNames.stepFields)
    default: return nil
    }
  }

  /// Whether it is a table that is the rule's own, to which it may add fields.
  private static func isOwnTable(_ meaning: Meaning) -> Bool {
    switch meaning {
    case .heard, .gap, .match, .steps, .step: true
    default: false
    }
  }

  /// The names of fields that the file assigns to, of whatever.
  private static func assignedFields(_ text: RuleText) -> Set<String> {
    var targets = AssignedPlaces()
    text.chunk.walk(&targets)
    return Set(
      targets.places.compactMap { place in
        switch text.chunk[place].kind {
        case .field(_, let name), .method(_, let name, _): name.text
        case .index(_, let key): text.string(key)
        default: nil
        }
      })
  }
}
