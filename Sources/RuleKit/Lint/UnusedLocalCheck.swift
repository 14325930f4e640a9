/// A local that nothing reads.
enum UnusedLocalCheck {
  static func run(_ text: RuleText, _ report: inout LintReport) {
    for local in text.chunk.locals where local.uses == 0 && !local.name.hasPrefix("_") {
      guard local.kind == .variable || local.kind == .function, local.attribute != .close else { continue }
      let fate = local.assignments > 0 ? "assigned but never read" : "never read"
      report.add(
        .unusedLocal, at: local.range, line: local.line,
        "'\(local.name)' is \(fate): remove it, or call it '_\(local.name)'")
    }
  }
}
