/// A local that hides another, or a name of the rule API. Parameters may have the names of the API: `now` is a
/// good one.
enum ShadowCheck {
  static func run(_ text: RuleText, _ report: inout LintReport) {
    for (index, local) in text.chunk.locals.enumerated() {
      let id = LuaLocal.ID(index: index)
      if local.name.hasPrefix("_") || local.name == "self" { continue }
      if let hidden = local.shadows.map({ text.chunk[$0] }) {
        report.add(
          .shadowedName, at: local.range, line: local.line,
          "'\(local.name)' hides the local of line \(hidden.line): give one of them another name")
      } else if local.kind != .parameter, hidesAPI(local, text), !isAlias(id, text) {
        report.add(
          .shadowedName, at: local.range, line: local.line,
          "'\(local.name)' hides the name of the rule API: give it another name")
      }
    }
  }

  /// Names of the header are used in it and nowhere later.
  private static func hidesAPI(_ local: LuaLocal, _ text: RuleText) -> Bool {
    SandboxNames.always.contains(local.name)
      || local.function == .main && local.range.lowerBound < text.headerEnd
        && SandboxNames.loading.contains(local.name)
  }

  /// `local usd = usd`
  private static func isAlias(_ local: LuaLocal.ID, _ text: RuleText) -> Bool {
    text.values[local].flatMap(text.global) == text.chunk[local].name
  }
}
