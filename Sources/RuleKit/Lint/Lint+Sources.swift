public import RuleEngine

extension Lint {
  /// Everything found in the rules and libraries of a folder: rules first, each file by its name.
  public static func check(_ sources: RuleSources) -> [LintFinding] {
    sources.rules.flatMap { check($0.name, source: $0.source) }
      + sources.libraries.flatMap { check($0.name, source: $0.source, kind: .library) }
  }
}
