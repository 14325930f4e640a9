import Documents
/// Names that are neither declared nor of the sandbox: reading one is an error when the line runs, and so is
/// assigning one.
enum GlobalCheck {
  /// How many of a file's locals are looked at for a suggestion.
  private static let localsSuggested = 500

  static func run(_ text: RuleText, _ report: inout LintReport) {
    guard !text.chunk.locals.contains(where: { $0.name == "_ENV" }) else { return }
    var targets = AssignedPlaces()
    text.chunk.walk(&targets)
    let known = SandboxNames.always.union(SandboxNames.loading)
    let near = known.union(text.chunk.locals.prefix(localsSuggested).map(\.name)).sorted()
    for (id, expression) in text.expressions {
      switch expression.kind {
      case .global(let name):
        if targets.places.contains(id) {
          report.add(.undeclaredGlobal, at: id, assignment(name))
        } else if !known.contains(name), name != "_ENV" {
          report.add(
            .undeclaredGlobal, at: id,
            "'\(name)' is not declared, and does not exist in a rule\(NearestName.hint(name, of: near))")
        }
      case .field(let table, let field):
        guard let name = text.global(table), let members = SandboxNames.members[name],
          !members.contains(field.text)
        else { continue }
        report.add(
          .undeclaredGlobal, at: field.range, line: field.line,
          "'\(name).\(field.text)' does not exist in a rule\(hint(name, field.text, members))")
      default: break
      }
    }
  }

  private static func hint(_ table: String, _ field: String, _ members: Set<String>) -> String {
    NearestName.nearest(field, of: members.sorted()).map { " (did you mean '\(table).\($0)'?)" } ?? ""
  }

  private static func assignment(_ name: String) -> String {
    if name == "state" { return "`state` is a table that stays: set its fields, not the name" }
    if SandboxNames.always.contains(name) || SandboxNames.loading.contains(name) {
      return "'\(name)' is a name of the rule API and cannot be assigned: use a local of another name"
    }
    return "'\(name)' is assigned but not declared: write `local \(name)`, or keep it in `state`"
  }
}
